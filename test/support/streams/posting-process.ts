import type { Piece } from '../../../lib/streams/destination';
import { DeliveryMeans, GUARDED_NETWORK, OPEN_NETWORK } from '../../../lib/streams/net/means';
import { splunk } from '../../../streams';

const PIECE = { text: '{"event":{}}', bytes: 12, key: 'a:b' } as Piece;

/** Delivers to the address in its first argument, as a stream of the application's and as one of a tenant's, and says what came of it. */
async function run(url: string): Promise<void> {
  const to = splunk({ url, token: 'secret' });
  const told = [];
  for (const network of [OPEN_NETWORK, GUARDED_NETWORK]) {
    const means = new DeliveryMeans(network, AbortSignal.timeout(60_000), Date.now);
    told.push(await to.deliver([PIECE], means).catch((error: Error) => means.describe(error.message)));
  }
  process.send?.(told);
}

void run(process.argv[2] ?? '').finally(() => process.disconnect());
