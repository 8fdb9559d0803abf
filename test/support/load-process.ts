import { createAudit } from './create-audit';
import { connectWithTimeout } from './connect-with-timeout';
import { keepOpen } from '../../bin/keep-open';

/** What a process is told to do, as the JSON in its first argument. */
export interface LoadTask {
  uri: string;
  dbName: string;
  /** Names the process in its events: `actor`, and the beginning of each `id`. */
  name: string;
  /** One lane of events for each, which awaits a receipt before it records the next event. */
  tenants: string[];
}

/**
 * Records without pause, and reports each receipt to the process that started this one, until that says `end`. Between
 * `rest` and `on` it records nothing.
 */
async function load({ uri, dbName, name, tenants }: LoadTask): Promise<void> {
  const patience = 5_000;
  const options = { dbName, serverSelectionTimeoutMS: patience };
  const connection = await connectWithTimeout(uri, dbName, patience);
  const end = new AbortController();
  const close = keepOpen({ connection, uri, options }, () => undefined);
  const audit = createAudit({
    connection,
    logger: { warn: () => undefined, error: () => undefined },
  });
  let rest = Promise.resolve();
  let goOn = (): void => undefined;
  process.on('message', (word) => {
    goOn();
    if (word === 'rest') rest = new Promise((resolve) => (goOn = resolve));
    if (word === 'end') end.abort();
  });
  const lanes = tenants.map(async (tenantId, lane) => {
    for (let n = 0; ; n++) {
      await rest;
      if (end.signal.aborted) return;
      const event = { tenantId, actor: name, action: 'test.write', id: `${name}-${lane}-${n}` };
      process.send?.(await audit.event({ ...event, metadata: { lane, n } }));
    }
  });
  await Promise.all(lanes);
  await audit.close();
  await close();
  process.disconnect();
}

load(JSON.parse(process.argv[2] ?? '') as LoadTask).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
