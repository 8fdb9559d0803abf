import type { AuditError } from '../../../lib/errors';
import { TOLD, Trouble } from '../../../lib/streams/trouble';

const retry = { result: 'retry' as const, reason: 'busy' };
const stop = { result: 'stop' as const, reason: 'no token' };

describe('the trouble of a stream', () => {
  let now = 0;
  let failures: { reason: string; attempts: number; untold?: number }[] = [];
  let errors: AuditError[] = [];
  let ends: { reason: string; since: number }[] = [];
  beforeEach(() => ([now, failures, errors, ends] = [1_000, [], [], []]));
  const made = () =>
    new Trouble(
      'siem',
      {
        failed: (error, details) => void (errors.push(error), failures.push(details)),
        resumed: (details) => void ends.push(details),
      },
      () => now,
    );

  it('is told at the third try in a row, or at once where nothing will be taken, and once until it is over', () => {
    const trouble = made();
    trouble.failed(retry, 1);
    trouble.failed(retry, 2);
    expect([failures, trouble.since]).toEqual([[], null]);
    trouble.failed(retry, 3);
    trouble.failed(stop, 4);
    expect(failures).toEqual([{ reason: 'busy', attempts: 3 }]);
    expect(errors[0]).toMatchObject({ code: 'STREAM_FAILED' });
    trouble.succeeded();
    trouble.succeeded();
    expect(ends).toEqual([{ reason: 'no token', since: 1_000 }]);
    trouble.failed(stop, 1);
    expect(failures).toHaveLength(2);
  });

  it('of a destination that fails and goes on in turn fills no chain, and what was left out is counted', () => {
    const trouble = made();
    for (let n = 0; n < 10 * TOLD.most; n++) {
      now += 10;
      trouble.failed(stop, 1);
      expect(trouble.since).toBe(now);
      trouble.succeeded();
    }
    expect([failures.length, errors.length, ends.length]).toEqual([TOLD.most, TOLD.most, TOLD.most]);
    now += TOLD.in;
    trouble.failed(stop, 1);
    expect(failures.at(-1)).toEqual({ reason: 'no token', attempts: 1, untold: 9 * TOLD.most });
    trouble.succeeded();
    expect(ends).toHaveLength(TOLD.most + 1);
    trouble.failed(stop, 1);
    expect(failures.at(-1)).not.toHaveProperty('untold');
  });

  it('that was not told, because others were, is told when it lasts', () => {
    const trouble = made();
    for (let n = 0; n < TOLD.most; n++) {
      trouble.failed(stop, 1);
      trouble.succeeded();
    }
    trouble.failed(stop, 1);
    now += TOLD.in / 2;
    trouble.failed(stop, 2);
    expect(failures).toHaveLength(TOLD.most);
    now += TOLD.in / 2;
    trouble.failed(stop, 3);
    expect(failures).toHaveLength(TOLD.most + 1);
    trouble.succeeded();
    expect(ends.at(-1)).toEqual({ reason: 'no token', since: 1_000 });
  });

  it('that another process has told is not told again; its end is', () => {
    const trouble = made();
    trouble.takeOver(500, 'away');
    trouble.failed(stop, 1);
    trouble.succeeded();
    expect([failures, ends]).toEqual([[], [{ reason: 'no token', since: 500 }]]);
    const well = made();
    well.takeOver(null, '');
    well.succeeded();
    expect(ends).toHaveLength(1);
  });
});
