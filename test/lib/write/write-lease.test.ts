import type { Connection } from 'mongoose';
import { WriteLease } from '../../../lib/write/write-lease';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';

const TENANT = 't';

let connection: Connection;
let store: MongoStore;
let closing: AbortController;
beforeEach(async () => {
  connection = await connect();
  store = new MongoStore(connection);
  closing = new AbortController();
});

function newLease(): WriteLease {
  return new WriteLease(TENANT, { store, random: Math.random, signal: closing.signal });
}

function contended(): WriteLease {
  const contended = newLease();
  contended.contended();
  return contended;
}

describe('a write lease', () => {
  it('is not taken while there is no conflict', async () => {
    const alone = newLease();
    expect(await alone.acquire()).toBe(false);
    expect(await store.leaseHolder(`write:${TENANT}`)).toBeNull();
  });

  it('takes the lease after a conflict, and says that others may have written', async () => {
    const holder = contended();
    expect(await holder.acquire()).toBe(true);
    expect(await store.leaseHolder(`write:${TENANT}`)).not.toBeNull();
    expect(await holder.acquire()).toBe(false); // it still holds the lease
    await holder.end();
    expect(await store.leaseHolder(`write:${TENANT}`)).toBeNull();
  });

  it('releases the lease when no insert follows', async () => {
    const [first, second] = [contended(), contended()];
    await first.acquire();
    const taken = second.acquire();
    first.written();
    expect(await taken).toBe(true);
    await second.end();
  });

  it('takes over the lease of a process that hangs', async () => {
    const [hangs, next] = [contended(), contended()];
    await hangs.acquire();
    const held = await store.leaseHolder(`write:${TENANT}`);
    expect(await next.acquire()).toBe(true);
    expect(await store.leaseHolder(`write:${TENANT}`)).not.toBe(held);
    await next.end();
  });

  it('lets its process write without the lease when that changes hands for ever', async () => {
    const turns = connection.collection<{ _id: string }>('audit_outbox');
    let n = 0;
    const change = () =>
      turns.updateOne({ _id: `turn:write:${TENANT}` }, { $set: { holder: String(n++) } }, { upsert: true });
    await change();
    const late = contended();
    const ended = new AbortController();
    const taken = late.acquire().finally(() => ended.abort());
    while (!ended.signal.aborted) await change();
    expect(await taken).toBe(true);
    expect(await late.acquire()).toBe(false); // it does not wait once more
    const holder = await store.leaseHolder(`write:${TENANT}`);
    await late.end();
    expect(await store.leaseHolder(`write:${TENANT}`)).toBe(holder); // it had none
  });

  it('waits no longer once the ledger is closed', async () => {
    const [holder, waits] = [contended(), contended()];
    await holder.acquire();
    const taken = waits.acquire();
    closing.abort();
    expect(await taken).toBe(true);
    await holder.end();
  });
});
