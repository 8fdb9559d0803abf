import type { Connection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { ledgerOn } from '../../support/memory-ledger';
import { MemoryStore } from '../../../models/memory/memory-store';
import { sized } from '../../support/sized';

const quiet = { warn: () => undefined, error: () => undefined };
const event = { tenantId: 't', action: 'a.b' };

/** A ledger, and what makes another one write between its look at the end of the chain and its next insert. */
async function overtaken() {
  const store = new MemoryStore();
  const [mine, other] = [ledgerOn(store).audit, ledgerOn(store).audit];
  const append = store.append.bind(store);
  const overtakeOnce = () => {
    store.append = async (entries) => {
      store.append = append;
      await other.event(event);
      await append(entries);
    };
  };
  await mine.event(event);
  return { mine, other, overtakeOnce };
}

describe('when another process wrote first', () => {
  it('numbers what is not in anew, and keeps the order', async () => {
    const { mine, overtakeOnce } = await overtaken();
    overtakeOnce();
    const receipts = await Promise.all([1, 2, 3].map((n) => mine.event({ ...event, metadata: { n } })));
    expect(receipts.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect(mine.stats().retries).toBe(1);
    expect(await mine.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 5 });
  });

  it('says so by `retry`', async () => {
    const { mine, overtakeOnce } = await overtaken();
    overtakeOnce();
    const retries: unknown[] = [];
    mine.on('retry', (retry) => retries.push(retry));
    await mine.event(event);
    expect(retries).toMatchObject([{ tenantId: 't', attempt: 1, cause: { name: 'AppendConflict' } }]);
  });

  it('sees it before it writes, when there was time to', async () => {
    const { mine, other } = await overtaken();
    await other.event(event);
    await expect(mine.event(event)).resolves.toMatchObject({ seq: 3 });
    expect(mine.stats().retries).toBe(0);
  });
});

describe('when two ledgers write one tenant without pause', () => {
  /** Of each ledger. */
  const EVENTS = sized(60, 300);

  it('records every event once, in an intact chain', async () => {
    const connection = await connect();
    const ledgers = [1, 2].map(() => createAudit({ connection, limits: { batch: 5 } }));
    const receipts = await Promise.all(
      ledgers.flatMap((audit) => Array.from({ length: EVENTS }, () => audit.event(event))),
    );
    expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(2 * EVENTS);
    expect(await ledgers[0]!.verify({ tenantId: 't' })).toMatchObject({
      verdict: 'intact',
      size: 2 * EVENTS,
    });
  });
});

describe('when the newest entry was altered', () => {
  /** Changes the newest entry behind the ledger's back, and gives what puts it right again. */
  async function alterHead(
    connection: Connection,
    change: Record<string, unknown>,
  ): Promise<() => Promise<void>> {
    const entries = connection.db!.collection('audit_entries');
    const [head] = await entries.find({ tenantId: 't' }).sort({ seq: -1 }).limit(1).toArray();
    await entries.updateOne({ _id: head!._id }, { $set: change });
    return async () => {
      await entries.replaceOne({ _id: head!._id }, head!);
    };
  }

  it.each([
    ['its content', { actor: 'mallory' }],
    ['the type of a member', { seq: 'two' }],
    ['its number', { seq: 2 ** 53 }],
  ])(
    'stops at %s: events wait, an error says why, and they are recorded once it is as it was',
    async (_, change) => {
      const connection = await connect();
      await createAudit({ connection }).event(event);
      const restore = await alterHead(connection, change);

      const audit = createAudit({ connection });
      const alarm = new Promise<Error>((resolve) => audit.on('error', resolve));
      const receipt = audit.event(event);
      expect(await alarm).toMatchObject({
        code: 'HEAD_ALTERED',
        message: expect.stringContaining('run verify') as string,
      });
      expect(audit.stats()).toMatchObject({ recorded: 0, inFlight: 1 });
      await restore();
      await expect(receipt).resolves.toMatchObject({ seq: 2 });
    },
  );

  it('leaves other tenants alone', async () => {
    const connection = await connect();
    await createAudit({ connection }).event(event);
    await alterHead(connection, { actor: 'mallory' });
    const audit = createAudit({ connection, logger: quiet });
    const waiting = audit.event(event).catch((error: unknown) => error);
    await expect(audit.event({ ...event, tenantId: 'u' })).resolves.toMatchObject({ seq: 1 });
    await expect(audit.close({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
  });
});
