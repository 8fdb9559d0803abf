import mongoose from 'mongoose';
import { createAudit } from './built';

/** Before what is counted, in which the processes find out about each other. */
const WARM_UP_SECONDS = 2;

/** What a writer is told, as the JSON in its first argument. */
export interface WriterTask {
  uri: string;
  dbName: string;
  tenantId: string;
  callers: number;
  seconds: number;
}

/** Records events from so many callers, each of which awaits its own, and tells how many were recorded in the time. */
async function write({ uri, dbName, tenantId, callers, seconds }: WriterTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  let n = 0;
  const event = () =>
    audit.event({
      tenantId,
      action: 'org.member.invite',
      actor: `user_${process.pid}`,
      metadata: { n: n++ },
    });
  await event();
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));

  const start = performance.now() + WARM_UP_SECONDS * 1000;
  const until = start + seconds * 1000;
  let recorded = 0;
  const call = async (): Promise<void> => {
    for (;;) {
      await event();
      const now = performance.now();
      if (now > until) return;
      if (now > start) recorded++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const { retries } = audit.stats();
  await audit.close();
  await connection.close();
  process.send?.({ recorded, retries }, () => process.disconnect());
}

void write(JSON.parse(process.argv[2] ?? '') as WriterTask);
