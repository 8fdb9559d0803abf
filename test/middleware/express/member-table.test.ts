import { setFlagsFromString } from 'node:v8';
import supertest from 'supertest';
import { keepMembersInTable } from '../../../middleware/express/member-table';
import { auditMiddleware } from '../../../index';
import { memoryLedger } from '../../support/memory-ledger';
import { EXPRESSES, serve } from '../../support/served';

setFlagsFromString('--allow-natives-syntax');
// eslint-disable-next-line @typescript-eslint/no-implied-eval -- no other way to ask V8
const hasTable = new Function('object', 'return !%HasFastProperties(object)') as (object: object) => boolean;

describe.each(EXPRESSES)('a request and a response of %s', (_name, express) => {
  it('have their members in a table, where V8 would else copy them for each new one', async () => {
    const { audit } = memoryLedger({ defaultTenant: 'acme' });
    const isNeeded = Number.parseInt(process.versions.node) < 24;
    const app = express().use(auditMiddleware({ audit }));
    app.get('/', (req, res) => void res.json([hasTable(req), hasTable(res)]));
    const { url } = await serve(app);
    expect((await supertest(url).get('/')).body).toEqual([isNeeded, isNeeded]);
    await audit.close();
  });
});

describe('keepMembersInTable', () => {
  it('leaves an object as it was', () => {
    const given = { b: 1, a: 2, [Symbol.iterator]: 3 };
    Object.defineProperty(given, 'hidden', { value: 4 });
    const before = Object.getOwnPropertyDescriptors(given);
    keepMembersInTable(given);
    expect(Object.getOwnPropertyDescriptors(given)).toEqual(before);
    expect(Reflect.ownKeys(given)).toEqual(['b', 'a', 'hidden', Symbol.iterator]);
  });
});
