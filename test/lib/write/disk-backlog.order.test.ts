import { sha256 } from '../../../lib/crypto/node';
import type { AuditError } from '../../../lib/errors';
import { serializeDraft } from '../../../lib/event/draft-json';
import { createDrafter } from '../../../lib/event/drafter';
import { DiskBacklog } from '../../../lib/write/disk-backlog';
import type { LinePosition } from '../../../lib/write/spool/segment';
import { Spool } from '../../../lib/write/spool/spool';
import { eventLine } from '../../../lib/write/spool/spool-line';
import { temporaryFolder } from '../../support/temporary';

const record = createDrafter({ sha256, now: Date.now, valueBytes: 65_536 });
const caller = { recorded: () => undefined, failed: () => undefined };
const spools: Spool[] = [];
afterEach(() => {
  for (const spool of spools.splice(0)) spool.close();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A backlog on a spool, and a queue that takes what it is given, but for chains that are held up. */
function setUp(...heldUp: string[]) {
  const held = new Set(heldUp);
  const taken: string[] = [];
  const failed: AuditError[] = [];
  let waiting: (() => void)[] = [];
  const spool = new Spool({ directory: temporaryFolder() }, 1e9, (error) => failed.push(error));
  spools.push(spool);
  const backlog = new DiskBacklog({
    enqueue: ({ draft }) => !held.has(draft.tenantId) && taken.push(`${draft.tenantId}${draft.id}`) > 0,
    isHeldUp: (tenantId) => held.has(tenantId),
    released: () => new Promise((resolve) => waiting.push(resolve)),
    failed: (_caller, _position, error) => failed.push(error),
  });
  const { draft, ...others } = record({ tenantId: 'a', action: 'a.b' }, {}, 'application');
  const add = (tenantId: string, id: number) => {
    const name = { tenantId, id: `${id}` };
    const line = eventLine(serializeDraft({ draft: { ...draft, ...name }, ...others }));
    backlog.add(name, spool.write(line) as LinePosition, caller);
  };
  /** Something leaves the queue; resolves when the backlog has gone as far as it can. */
  const release = async () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
    while (waiting.length === 0 && backlog.size > 0) await turn();
  };
  return { backlog, held, taken, failed, add, release };
}

const of = (tenantId: string, taken: readonly string[]) => taken.filter((name) => name.startsWith(tenantId));

describe('when chains that were held up take events again', () => {
  it('puts those of two of them into the queue, each in its order, and loses none', async () => {
    const it = setUp('a', 'b');
    for (const n of [1, 2, 3]) for (const tenantId of ['a', 'b']) it.add(tenantId, n);
    await it.release();
    expect(it.taken).toEqual([]);
    it.held.clear();
    await it.release();
    expect(it.failed).toEqual([]);
    expect(of('a', it.taken)).toEqual(['a1', 'a2', 'a3']);
    expect(of('b', it.taken)).toEqual(['b1', 'b2', 'b3']);
    expect(it.backlog.size).toBe(0);
  });

  it('puts them before what came later, of the same chain and of others', async () => {
    const it = setUp('a');
    it.add('a', 1);
    await it.release();
    it.add('a', 2);
    it.add('c', 1);
    it.held.clear();
    await it.release();
    expect(it.failed).toEqual([]);
    expect(it.taken).toEqual(['a1', 'a2', 'c1']);
  });

  it('does so however many they are', async () => {
    const MANY = 150_000; // more than a call takes arguments
    const it = setUp('a');
    for (let n = 0; n < MANY; n++) it.add('a', n);
    await it.release();
    it.held.clear();
    await it.release();
    expect(it.failed).toEqual([]);
    expect(it.taken).toHaveLength(MANY);
  });
});
