import mongoose, { Schema } from 'mongoose';
import { auditChanges } from '../../index';
import { createAudit } from './create-audit';

/** What a process is told to do, as the JSON in its first argument. */
export interface ChangingTask {
  uri: string;
  dbName: string;
  name: string;
  /** How often it changes the one document. */
  count: number;
  /** How many documents it changes in turn; the first alone when left out. */
  spread?: number;
}

/** Changes one document as fast as it can, while others do the same. */
async function work({ uri, dbName, name, count, spread }: ChangingTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName, autoIndex: false }).asPromise();
  const audit = createAudit({ connection });
  const schema = new Schema({ n: Number, by: String, slot: Number });
  schema.plugin(auditChanges, { name: 'counter', audit });
  const Counter = connection.model('Counter', schema);
  await audit.runAs({ tenantId: 'acme', actor: name }, async () => {
    for (let i = 0; i < count; i++)
      await Counter.updateOne(spread === undefined ? {} : { slot: i % spread }, { $inc: { n: 1 }, by: name });
  });
  await audit.flush();
  await audit.close();
  await connection.close();
}

work(JSON.parse(process.argv[2] ?? '') as ChangingTask).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
