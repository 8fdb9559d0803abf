import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditError } from '../../../lib/errors';
import type { DraftedEvent } from '../../../lib/event/drafter';
import type { Caller } from '../../../lib/write/pending-event';
import { Recovery } from '../../../lib/write/recovery';
import { openSpool } from '../../../lib/write/spool/open-spool';
import { until } from '../../support/deadline';
import { leaveFolder, lineOf, segmentName } from '../../support/left-folder';
import { temporaryFolder } from '../../support/temporary';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A recovery of a folder with an event in each of its segments, whose queue records all but what is held up. */
function setUp(...ids: string[]) {
  const directory = temporaryFolder();
  const folder = leaveFolder(
    directory,
    ids.map((id) => lineOf(id)),
  );
  const errors: AuditError[] = [];
  const report = (error: AuditError) => errors.push(error);
  const spool = openSpool({ directory }, 1e9, report);
  const held = new Set<string>();
  const broken = new Set<string>();
  const offered: string[] = [];
  const enqueue = ({ draft: { id } }: DraftedEvent, caller: Caller) => {
    offered.push(id);
    if (!held.has(id)) caller.recorded(null as never);
    return Promise.resolve(!held.has(id));
  };
  const admit = (drafted: DraftedEvent) => {
    if (broken.has(drafted.draft.id)) throw new RangeError('no file can be opened');
    return drafted;
  };
  const recovery = new Recovery({ spool, enqueue, admit, folderLost: () => undefined, report });
  ends.push(async () => {
    await recovery.stop();
    spool.close();
  });
  const isThere = (number: number) => existsSync(join(folder, segmentName(number)));
  return { recovery, held, broken, offered, errors, folder, isThere };
}

describe('what was left for a chain that is held up', () => {
  it('holds up no other, and is recorded once the chain is free', async () => {
    const { recovery, held, offered, errors, folder, isThere } = setUp('a', 'b', 'c');
    held.add('b');
    recovery.start();
    await until(() => offered.length === 3 && !isThere(3), 'the others are recorded');
    expect([isThere(1), isThere(2)]).toEqual([false, true]);
    held.clear();
    await until(() => !existsSync(folder), 'it is recorded');
    expect(offered).toEqual(['a', 'b', 'c', 'b']);
    expect(errors).toEqual([]);
  });

  it('is kept when its folder cannot be read the next time, and is tried again', async () => {
    const { recovery, held, broken, offered, errors, isThere } = setUp('a', 'b');
    for (const id of ['a', 'b']) held.add(id);
    recovery.start();
    await until(() => offered.length === 2, 'both are offered');
    broken.add('a');
    await until(() => errors.length > 0, 'it is told');
    expect([isThere(1), isThere(2)]).toEqual([true, true]);
    expect(errors).toMatchObject([
      { code: 'SPOOL_DAMAGED', message: expect.stringContaining('no file') as string },
    ]);
    broken.clear();
    held.clear();
    await until(() => offered.length === 4, 'both are offered again');
    expect(offered).toEqual(['a', 'b', 'a', 'b']);
  });

  it('is not tried again after the end', async () => {
    const { recovery, held, offered, isThere } = setUp('a');
    held.add('a');
    recovery.start();
    await recovery.stop();
    expect(offered.length).toBeLessThanOrEqual(1);
    expect(isThere(1)).toBe(true);
  });
});
