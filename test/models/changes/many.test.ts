import { Schema } from 'mongoose';
import { auditChanges, type ChangeOptions, createAudit, isAuditError } from '../../../index';
import { connect } from '../../support/connection';
import { until } from '../../support/deadline';
import { liveMemory } from '../../support/live-memory';

const COUNT = process.env['AUDIT_TEST_LONG'] === undefined ? 3_000 : 100_000;

/** Fewer, so that a busy machine gets through: it is one portion after the other. */
const BESIDE = Math.min(COUNT, 20_000);

/** What a write of so many may keep at the most, in bytes: their ids, and a portion of documents. */
const MEMORY = 150 * 1024 * 1024;

async function updateAll(options: Partial<ChangeOptions>, count = COUNT) {
  const connection = await connect();
  const audit = createAudit({ connection, defaultTenant: 'acme' });
  await audit.event({ action: 'a.b' });
  const schema = new Schema({ n: Number, text: String });
  schema.plugin(auditChanges, { name: 'row', audit, ...options });
  const Row = connection.model('Row', schema);
  for (let begin = 0; begin < count; begin += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, count - begin) }, () => ({
      n: 0,
      text: 'x'.repeat(100),
    }));
    await Row.collection.insertMany(rows);
  }
  const before = liveMemory();
  let most = 0;
  const look = setInterval(() => (most = Math.max(most, liveMemory() - before)), 2_000);
  const error: unknown = await Row.updateMany({}, { $inc: { n: 1 } }).then(
    () => null,
    (reason: unknown) => reason,
  );
  clearInterval(look);
  expect(most).toBeLessThan(MEMORY);
  const changed = await Row.countDocuments({ n: 1 });
  const size = async () => (await audit.verify({ tenantId: 'acme' })).size;
  return { audit, connection, error, changed, size };
}

it('many documents in one transaction: all of them and their events, or none and a clear error', async () => {
  const { audit, connection, error, changed, size } = await updateAll({});
  if (error === null) {
    expect(changed).toBe(COUNT);
    await until(async () => (await size()) > COUNT);
  } else {
    expect([isAuditError(error) && error.code, changed]).toEqual(['TOO_MANY_CHANGES', 0]);
    expect(await connection.collection('audit_outbox').countDocuments({ subject: { $exists: true } })).toBe(
      0,
    );
  }
  await audit.close();
});

it('many documents beside their events: in portions', async () => {
  const { audit, error, changed, size } = await updateAll({ atomic: false }, BESIDE);
  expect([error, changed]).toEqual([null, BESIDE]);
  await audit.flush();
  expect(await size()).toBe(BESIDE + 1);
  await audit.close();
});
