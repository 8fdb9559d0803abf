import mongoose from 'mongoose';
import { createAudit } from '../create-audit';
import { StreamService } from '../../../lib/streams/stream-service';
import { parseStream } from '../../../lib/streams/stream-options';
import { MongoStore } from '../../../models/store/mongo-store';
import { splunk } from '../../../streams';

/** What a deliverer is told to do, as the JSON in its first argument. */
export interface DelivererTask {
  uri: string;
  dbName: string;
  /** Where its stream goes. */
  url: string;
  /** Tenants that it records events of, until it is killed. */
  tenants: string[];
  /** How often leases are renewed and looked at, in milliseconds: a fifth of it takes a fifth of the time to be taken over. */
  tick: number;
}

/** Records and delivers until it is killed. */
async function run({ uri, dbName, url, tenants, tick }: DelivererTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  const service = new StreamService(
    {
      store: new MongoStore(connection),
      clock: { now: Date.now, random: Math.random },
      record: () => Promise.resolve(),
      report: () => undefined,
      pace: { tick, growth: { look: tick, lookBeside: tick, discover: tick } },
    },
    [parseStream({ name: 'siem', to: splunk({ url, token: 'secret' }), tenants })],
  );
  audit.on('recorded', (receipt) => service.recorded(receipt));
  service.start();
  let n = 0;
  const timer = setInterval(() => {
    for (const tenantId of tenants)
      audit.event({ tenantId, action: 'org.a', metadata: { n: n++ } }).catch(() => undefined);
  }, 20);
  process.on('message', (told) => {
    if (told === 'who')
      void service.all().then((all) => process.send?.(all.some(({ stream }) => stream?.isDelivering)));
    if (told === 'rest') {
      clearInterval(timer);
      void audit.flush().then(() => process.send?.('rested'));
    }
    if (told === 'end')
      void service
        .stop()
        .then(() => audit.close())
        .then(() => connection.close())
        .then(() => process.disconnect());
  });
  process.send?.('ready');
}

void run(JSON.parse(process.argv[2] ?? '') as DelivererTask);
