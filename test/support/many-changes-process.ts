import mongoose from 'mongoose';
import { auditChanges, type ChangeOptions, isAuditError } from '../../index';
import { createAudit } from './create-audit';
import { until } from './deadline';
import { liveMemory } from './live-memory';

/** What it is told, as the JSON in its first argument. */
export interface ManyChangesTask {
  uri: string;
  dbName: string;
  /** Documents that one `updateMany` changes. */
  count: number;
  options: Partial<ChangeOptions>;
}

/** What came of it. */
export interface ManyChangesReport {
  /** The code of the error; null where there was none. */
  code: string | null;
  /** Documents that are changed. */
  changed: number;
  /** Entries of the chain, once nothing waits any more. */
  size: number;
  /** By how many bytes more were in use during the write than before, at the most. */
  growth: number;
}

const LOOK_MS = 500;

/** Changes many documents by one write, in a process that holds nothing else, and looks at its memory meanwhile. */
async function change({ uri, dbName, count, options }: ManyChangesTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection, defaultTenant: 'acme' });
  await audit.event({ action: 'a.b' });
  const schema = new mongoose.Schema({ n: Number, text: String });
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
  let growth = 0;
  const look = setInterval(() => (growth = Math.max(growth, liveMemory() - before)), LOOK_MS);
  const code = await Row.updateMany({}, { $inc: { n: 1 } }).then(
    () => null,
    (error: unknown) => {
      if (isAuditError(error)) return error.code;
      throw error;
    },
  );
  clearInterval(look);
  const outbox = connection.collection('audit_outbox');
  await until(
    async () => (await outbox.countDocuments({ subject: { $exists: true } })) === 0,
    'nothing waits',
  );
  await audit.flush();
  const report: ManyChangesReport = {
    code,
    changed: await Row.countDocuments({ n: 1 }),
    size: (await audit.verify({ tenantId: 'acme' })).size,
    growth,
  };
  await audit.close();
  await connection.close();
  process.send?.(report, () => process.disconnect());
}

void change(JSON.parse(process.argv[2] ?? '') as ManyChangesTask);
