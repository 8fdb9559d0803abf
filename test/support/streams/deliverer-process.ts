import mongoose from 'mongoose';
import { createAudit } from '../../../index';
import { splunk } from '../../../streams';

/** What a deliverer is told to do, as the JSON in its first argument. */
export interface DelivererTask {
  uri: string;
  dbName: string;
  /** Where its stream goes. */
  url: string;
  /** Tenants that it records events of, until it is killed. */
  tenants: string[];
}

/** Records and delivers until it is killed. */
async function run({ uri, dbName, url, tenants }: DelivererTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({
    connection,
    streams: [{ name: 'siem', to: splunk({ url, token: 'secret' }), tenants }],
  });
  let n = 0;
  const timer = setInterval(() => {
    for (const tenantId of tenants)
      audit.event({ tenantId, action: 'org.a', metadata: { n: n++ } }).catch(() => undefined);
  }, 20);
  process.on('message', (told) => {
    if (told === 'who')
      void audit.streams.status().then((all) => process.send?.(all.some(({ isHere }) => isHere)));
    if (told === 'rest') {
      clearInterval(timer);
      void audit.flush().then(() => process.send?.('rested'));
    }
    if (told === 'end')
      void audit
        .close()
        .then(() => connection.close())
        .then(() => process.disconnect());
  });
  process.send?.('ready');
}

void run(JSON.parse(process.argv[2] ?? '') as DelivererTask);
