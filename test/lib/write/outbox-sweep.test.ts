import mongoose from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { until } from '../../support/deadline';
import { TransactionLedger } from '../../support/transaction-ledger';

const quiet = { warn: () => undefined, error: () => undefined };

let till: TransactionLedger;
beforeEach(async () => {
  till = await TransactionLedger.open();
});
afterEach(() => till.audit.close());

describe('what is in the outbox', () => {
  /** What a process that was killed left there, in the order of `at`. */
  function left(n: number, tenantId = 't') {
    const draft = {
      v: 1,
      tenantId,
      id: `left-${n}`,
      occurredAt: '2026-01-01T00:00:00.000Z',
      actor: 'a',
      action: 'a.b',
      outcome: 'success',
    };
    const event = JSON.stringify({ draft, occurredAtGiven: false });
    return { _id: `key-${n}`, at: new Date(Date.now() - 60_000 + n), event };
  }

  it('is linked by whatever process sweeps, in the order in which it was written', async () => {
    const items = Array.from({ length: 40 }, (_, n) => left(n));
    await till.outbox.insertMany(items.toReversed());
    const ids = (await till.linked(40)).map(({ id }) => id);
    expect(ids).toEqual(items.map((_, n) => `left-${n}`));
    await till.emptied();
  });

  it('is linked in order even when it was written within one millisecond', async () => {
    const at = new Date(Date.now() - 60_000);
    const items = Array.from({ length: 9 }, (_, n) => ({ ...left(n), at }));
    await till.outbox.insertMany(items.toReversed());
    expect((await till.linked(9)).map(({ id }) => id)).toEqual(items.map((_, n) => `left-${n}`));
  });

  it('is left alone for 2 s, for the process that wrote it', async () => {
    const at = new Date();
    await till.outbox.insertOne({ ...left(1), at });
    await till.linked(1);
    expect(Date.now() - at.getTime()).toBeGreaterThanOrEqual(2_000);
  });

  it('is linked when its writer had a clock that is ahead', async () => {
    await till.outbox.insertOne({ ...left(1), at: new Date(Date.now() + 3_600_000) });
    expect(await till.linked(1)).toHaveLength(1);
    await till.emptied();
  });

  it('is linked once when two processes sweep', async () => {
    const second = createAudit({ connection: till.connection, logger: quiet });
    await till.outbox.insertMany(Array.from({ length: 100 }, (_, n) => left(n)));
    await till.linked(100);
    await till.emptied();
    expect(await till.audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 100 });
    await second.close();
  });

  it('shows in the stats, as of the last look', async () => {
    await till.outbox.insertMany(Array.from({ length: 3 }, (_, n) => left(n)));
    await until(() => till.audit.stats().outbox.size === 3, 'the stats show three events');
    expect(till.audit.stats().outbox.lagMs).toBeGreaterThan(59_000);
    await until(() => till.audit.stats().outbox.size === 0, 'the stats show none');
    expect(till.audit.stats().outbox.lagMs).toBe(0);
  });

  const deep = `"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)},"outcome"`;
  type Item = ReturnType<typeof left>;
  const junk: Record<string, (item: Item) => object> = {
    'without an event': ({ _id, at }) => ({ _id, at }),
    'with an event of another type': (item) => ({ ...item, event: { draft: 1 } }),
    'that is no JSON': (item) => ({ ...item, event: '{' }),
    'that is no draft': (item) => ({ ...item, event: 'null' }),
    'with a lone surrogate': (item) => ({ ...item, event: item.event.replace('"a"', String.raw`"\ud800"`) }),
    'as deep as no event is': (item) => ({ ...item, event: item.event.replace('"outcome"', deep) }),
    'with a number for a date': (item) => ({ ...item, at: 5, event: '' }),
    'with a date that is none': (item) => ({
      ...item,
      at: new mongoose.mongo.Long(0, 0x7fffffff),
      event: '',
    }),
    'that follows more others than any does': (item) => ({
      ...item,
      follows: Array.from({ length: 5_000 }, (_, n) => `another-${n}`),
    }),
    'with a key of another type': (item) => ({ ...item, _id: new mongoose.Types.ObjectId() }),
    'with a key that cannot be a text': (item) => ({ ...item, _id: { toString: 1 } }),
  };

  it('and cannot be read is told of once and stays, whatever it is, and the others are linked', async () => {
    const kinds = Object.values(junk);
    const spoilt = kinds.map((spoil, i) => spoil(left(i)));
    await till.outbox.insertMany([...spoilt, left(100)] as never[]);
    await till.linked(1);
    await till.outbox.insertOne(left(101)); // what comes later is found by another sweep
    await till.linked(2);
    await until(async () => (await till.outbox.countDocuments()) === kinds.length, 'the good ones have gone');
    expect((await till.entries()).map(({ id }) => id)).toEqual(['left-100', 'left-101']);
    const told = /^The item .* of the outbox cannot be linked, and stays there: /;
    expect(till.errors.filter(({ message }) => told.test(message))).toHaveLength(kinds.length);
    expect(till.errors).toHaveLength(kinds.length);
    expect(new Set(till.errors.map(({ message }) => message)).size).toBe(kinds.length);
  });

  it('and cannot be read does not hide what is behind it, however much of it there is', async () => {
    const junk = Array.from({ length: 501 }, (_, n) => ({ _id: `junk-${n}`, at: new Date(n), event: '' }));
    await till.outbox.insertMany([...junk, left(1)]);
    expect(await till.linked(1)).toHaveLength(1);
  });

  it('and waits for an altered head does not hold up other tenants, however much of it there is', async () => {
    await till.audit.event({ tenantId: 'altered', action: 'a.b' });
    const second = createAudit({ connection: till.connection, logger: quiet });
    await till.audit.close();
    const entries = till.connection.db!.collection('audit_entries');
    await entries.updateOne({ tenantId: 'altered' }, { $set: { actor: 'mallory' } });
    await till.outbox.insertMany(Array.from({ length: 501 }, (_, n) => left(n, 'altered')));
    await till.outbox.insertOne(left(600));
    await until(async () => (await second.list({ tenantId: 't' })).length === 1, 'it is linked').finally(() =>
      second.close({ timeoutMs: 0 }).catch(() => undefined),
    );
  });
});
