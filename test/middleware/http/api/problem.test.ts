import supertest from 'supertest';
import { AuditError } from '../../../../lib/errors';
import { Problem, toProblem, problemAnswer } from '../../../../middleware/http/api/problem';
import { sendAnswer } from '../../../../middleware/node/send-answer';
import { EXPRESSES, serve } from '../../../support/served';

describe('problemOf', () => {
  it('keeps a problem', () => {
    const problem = new Problem(404, 'none');
    expect(toProblem(problem)).toBe(problem);
  });

  it.each([
    ['INVALID_QUERY', 400],
    ['UNREADABLE', 500],
  ] as const)('answers %s with %d', (code, status) => {
    expect(toProblem(new AuditError(code, 'why'))).toMatchObject({ status, code, message: 'why' });
  });

  it('keeps to itself why the store is not there', () => {
    const error = new AuditError('STORE_UNAVAILABLE', 'call mongoose.connect() first');
    const problem = toProblem(error);
    expect(problem).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(problem.message).not.toContain('mongoose');
  });

  it('takes a malformed path for the client’s mistake', () => {
    expect(toProblem(new URIError('URI malformed'))).toMatchObject({ status: 400 });
  });

  it.each([
    ['an error', new Error('connect ECONNREFUSED db.internal:27017')],
    ['an error with a status', Object.assign(new Error('db.internal'), { status: 418 })],
    ['a text', 'db.internal'],
    ['nothing', undefined],
    ['null', null],
  ])('tells nothing of %s', (_what, error) => {
    expect(toProblem(error)).toMatchObject({ status: 500, message: 'The audit trail could not be read.' });
  });
});

describe.each(EXPRESSES)('problemAnswer in %s', (_name, express) => {
  it.each([400, 401, 403, 404, 405, 422, 500, 503] as const)('answers %d as problem+json', async (status) => {
    const app = express();
    app.use(
      (_req, res) =>
        void sendAnswer(res, problemAnswer(new Problem(status, 'why', 'CODE')), (error) =>
          expect(error).toBeNull(),
        ),
    );
    const { url } = await serve(app);
    const answer = await supertest(url).get('/').expect(status);
    expect(answer.type).toBe('application/problem+json');
    expect(JSON.parse(answer.text)).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z]/) as string,
      status,
      detail: 'why',
      code: 'CODE',
    });
  });
});
