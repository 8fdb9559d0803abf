import type { Entry } from '../../../lib/chain/entry';
import { createFormat } from '../../../lib/streams/format/format';
import { DeliveryMeans, type Network, OPEN_NETWORK } from '../../../lib/streams/net/means';
import { write } from '../../../lib/streams/piece';
import type { Delivery, Destination, Piece } from '../../../lib/streams/destination';
import { chain, NOW } from '../../conformance/given';

/** So many pieces of a tenant's chain, as a destination is given them. */
export function pieces(
  to: Destination,
  count: number,
  change: (n: number) => Partial<Entry> = () => ({}),
): Piece[] {
  return chain('acme', count, undefined, change).map((entry) => {
    const reading = { documentId: null, seq: entry.seq, hash: entry.hash, entry, fault: null };
    const written = write(reading, 'acme', { destination: to, format: createFormat(to.format), filter: {} });
    if (!written || 'aside' in written) throw new Error(JSON.stringify(written));
    return written.piece;
  });
}

/** One delivery, as a stream tries it. */
export async function deliver(
  to: Destination,
  given: readonly Piece[],
  {
    network = OPEN_NETWORK,
    now = Date.parse(NOW),
    signal = AbortSignal.timeout(20_000),
  }: { network?: Network; now?: number; signal?: AbortSignal } = {},
): Promise<Delivery> {
  return to.deliver(given, new DeliveryMeans(network, signal, () => now));
}
