import { createAudit } from '../../index';
import { connectImpatiently } from './impatient';
import { reopenWhenStuck } from './reopen';

/** What a process is told to do, as the JSON in its first argument. */
export interface LoadTask {
  uri: string;
  dbName: string;
  /** Names the process in its events: `actor`, and the beginning of each `id`. */
  name: string;
  /** One lane of events for each, which awaits a receipt before it records the next event. */
  tenants: string[];
}

/** Records without pause, and reports each receipt to the process that started this one, until that says to end. */
async function load({ uri, dbName, name, tenants }: LoadTask): Promise<void> {
  const patience = 2_000;
  const options = { dbName, serverSelectionTimeoutMS: patience };
  const connection = await connectImpatiently(uri, dbName, patience);
  const end = new AbortController();
  void reopenWhenStuck(connection, uri, options, end.signal);
  const audit = createAudit({ connection, logger: { warn: () => undefined, error: () => undefined } });
  process.once('message', () => end.abort());
  const lanes = tenants.map(async (tenantId, lane) => {
    for (let n = 0; !end.signal.aborted; n++) {
      const event = { tenantId, actor: name, action: 'test.write', id: `${name}-${lane}-${n}` };
      process.send?.(await audit.event({ ...event, metadata: { lane, n } }));
    }
  });
  await Promise.all(lanes);
  await audit.close();
  await connection.close();
  process.disconnect();
}

load(JSON.parse(process.argv[2] ?? '') as LoadTask).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
