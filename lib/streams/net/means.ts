import type { Means, Secret } from '../destination';
import { openFetch } from './fetch-post';
import { GuardedNetwork } from './guarded-network';
import { connectTls } from './tls';

/** How destinations are reached. */
export interface Network {
  post: (request: Parameters<Means['post']>[0], signal: AbortSignal) => ReturnType<Means['post']>;
  connect: (address: Parameters<Means['connect']>[0], signal: AbortSignal) => ReturnType<Means['connect']>;
}

/** By Node's own `fetch`, with its proxies and certificates: for addresses that the application gives. */
export const OPEN_NETWORK: Network = {
  post: openFetch,
  connect: (address, signal) => connectTls(address, signal),
};

/** For addresses that tenants give. */
export const GUARDED_NETWORK: Network = new GuardedNetwork();

/** A secret of so few characters would hide ordinary words. */
const SHORT = 4;

/** What one delivery is done by. It knows the secrets that were asked for, and keeps them out of what is reported. */
export class DeliveryMeans implements Means {
  private readonly secrets = new Set<string>();

  constructor(
    private readonly network: Network,
    readonly signal: AbortSignal,
    readonly now: () => number,
  ) {}

  post: Means['post'] = (request) => this.network.post(request, this.signal);

  connect: Means['connect'] = (address) => this.network.connect(address, this.signal);

  async reveal(secret: Secret): Promise<string> {
    const value: unknown = typeof secret === 'function' ? await secret() : secret;
    if (typeof value !== 'string' || value === '') throw new Error('its secret is missing');
    if (value.length >= SHORT) this.secrets.add(value);
    return value;
  }

  /** A text of a destination's, short and on one line, without the secrets of this delivery. */
  describe(reason: string): string {
    let text = reason;
    for (const secret of this.secrets)
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        text = text.replaceAll(form, '…');
    return text
      .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .trim()
      .slice(0, 300);
  }
}
