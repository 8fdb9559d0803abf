import type { Connection } from 'mongoose';
import type { Audit } from '../../../index';
import type { CheckpointOptions } from '../../../lib/checkpoints/checkpoint-service';
import { record } from '../../support/chain';
import { connect } from '../../support/connection';
import { until } from '../../support/deadline';
import { LEDGER, newKey, statedIn } from '../../support/signing';
import { testLedger } from '../../support/served-ledger';
import { ledgerOf } from '../../../lib/audit';

const key = newKey();

let connection: Connection;
let audits: Audit[];
let given: string[];
beforeEach(async () => {
  connection = await connect();
  audits = [];
  given = [];
});
afterEach(async () => {
  for (const audit of audits) await audit.close();
});

function ledger(checkpoints: CheckpointOptions) {
  const onCheckpoint = (note: string) => given.push(note);
  const made = testLedger(connection, {
    ledger: LEDGER,
    signingKey: key,
    checkpoints: { ...checkpoints, onCheckpoint },
  });
  audits.push(made.audit);
  return made;
}

const sizes = (tenantId = 't') =>
  given.filter((note) => note.startsWith(`${LEDGER}/${tenantId}\n`)).map((note) => statedIn(note).size);
const turns = () => connection.db!.collection<{ _id: string; holder: unknown }>('audit_outbox');
const TURN = 'turn:checkpoint:t';

describe('everyEntries', () => {
  it('makes one for so many entries, whichever of two ledgers recorded them, and none twice', async () => {
    const [a, b] = [ledger({ everyEntries: 10 }), ledger({ everyEntries: 10 })];
    await record(a.audit, 't', 5);
    expect(sizes()).toEqual([]);
    for (let n = 0; n < 10; n++) await Promise.all([record(a.audit, 't', 2), record(b.audit, 't', 3)]);
    await until(() => Math.max(0, ...sizes()) > 45);
    await until(async () => (await turns().countDocuments({ _id: TURN })) === 0);
    expect(new Set(sizes()).size).toBe(sizes().length);
    expect(sizes().length).toBeLessThanOrEqual(5);
    expect([...a.errors, ...b.errors]).toEqual([]);
  });
});

describe('everySeconds', () => {
  it('makes one of each tenant that has new entries, once for two ledgers', async () => {
    const [a, b] = [ledger({ everySeconds: 0.2 }), ledger({ everySeconds: 0.2 })];
    await Promise.all([record(a.audit, 't', 3), record(b.audit, 't', 4), record(b.audit, 'u', 2)]);
    await until(() => sizes().includes(7) && sizes('u').includes(2) && sizes('system').length > 0);
    expect(new Set(sizes()).size).toBe(sizes().length);
  });

  it('makes no more once the ledger is closed', async () => {
    const [a, b] = [ledger({ everySeconds: 0.05 }), ledger({ everySeconds: 0.05 })];
    await a.audit.close();
    audits.shift();
    await record(b.audit, 't', 3);
    await until(() => sizes().includes(3));
    expect(sizes()).toEqual([3]);
  });
});

describe('when another process has the turn', () => {
  it('waits for it, and looks again without a further entry', async () => {
    await turns().insertOne({ _id: TURN, holder: `${Date.now()} other` });
    const { audit } = ledger({ everyEntries: 3 });
    await record(audit, 't', 3);
    await audit.flush();
    expect(sizes()).toEqual([]);
    await turns().deleteOne({ _id: TURN });
    await until(() => sizes().includes(3));
  });

  it.each<[string, unknown]>([
    ['was killed long ago', `${Date.now() - 3_600_000} other`],
    ['took it in the future', `${Date.now() + 3_600_000} other`],
    ['named no time', 'other'],
    ['named nothing', ''],
    ['left a number', 7],
  ])('takes it over from one that %s', async (_, holder) => {
    await turns().insertOne({ _id: TURN, holder });
    const { audit, errors } = ledger({ everyEntries: 3 });
    await record(audit, 't', 3);
    await until(() => sizes().includes(3));
    await until(async () => (await turns().countDocuments({ _id: TURN })) === 0);
    expect(errors).toEqual([]);
  });
});

describe('when no checkpoint can be made', () => {
  it('lets the tenant be for a while: its own chain must not fill with failures of itself', async () => {
    const made = ledger({ everyEntries: 1 });
    const { audit, errors } = made;
    const entries = connection.db!.collection('audit_entries');
    ledgerOf(audits[0]!).start();
    await record(audit, 't', 3);
    await until(() => sizes('system').length > 0);
    await connection.db!.collection('audit_checkpoints').deleteMany({});
    await entries.updateOne({ tenantId: 'system', seq: 1 }, { $set: { actor: 'mallory' } });
    await entries.updateOne({ tenantId: 't', seq: 1 }, { $set: { actor: 'mallory' } });
    await record(audit, 't', 1);
    await until(() => errors.length > 0);
    const seen = errors.length;
    for (let n = 0; n < 20; n++) await record(audit, 't', 1);
    await audit.flush();
    expect(errors.length).toBeLessThanOrEqual(Math.max(seen, 2));
    made.advance(61_000);
    await record(audit, 't', 1);
    await until(() => errors.length > seen);
  });
});
