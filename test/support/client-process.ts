import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '../../client';
import { diskSpool } from '../../client-spool';
import type { LoadReport } from './spool-process';

/** What a process with a client is told to do, as the JSON in its first argument. It records until it is told to stop. */
export interface ClientTask {
  url: string;
  apiKey: string;
  /** Names the process in its events: `actor`, and the beginning of each `id`. */
  name: string;
  tenants: string[];
  /** A spool's. */
  directory?: string;
}

/** Events that may be under way: the rest would only be refused. */
const MOST = 100;

/** Of so many events one is not awaited. */
const UNAWAITED = 3;

const told = { toStop: false };
process.on('message', () => (told.toStop = true));

async function run({ url, apiKey, name, tenants, directory }: ClientTask): Promise<void> {
  const spool = directory === undefined ? undefined : diskSpool({ directory });
  const client = createClient({ url, apiKey, spool, timeoutMs: 600_000 });
  client.on('error', ({ message }) => tell({ error: { code: 'ERROR', message } }));
  client.on('retry', () => tell({ trace: 'retry' }));
  for (let n = 0; !told.toStop; n++) {
    const id = `${name}-${n}`;
    const tenantId = tenants[n % tenants.length]!;
    const receipt = client.event({ tenantId, actor: name, action: 'test.load', id, metadata: { n } });
    tell({ id });
    if (n % UNAWAITED > 0)
      receipt.then(
        (given) => tell({ receipt: given }),
        () => undefined,
      );
    await wait(2);
    while (client.stats().queued + client.stats().inFlight > MOST) await wait(5);
  }
  await client.flush();
  await client.close();
  tell('done');
}

function tell(report: LoadReport): void {
  process.send?.(report);
}

process.on('unhandledRejection', (error) => {
  tell({ error: { code: 'UNHANDLED', message: String(error) } });
});
void run(JSON.parse(process.argv[2] ?? '') as ClientTask).finally(() => process.disconnect());
