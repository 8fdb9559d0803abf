import type { Means, Secret } from '../destination';
import { oneLine } from '../one-line';
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

/** A word of a secret that is hidden by itself, such as what follows `Bearer`, has at least so many. */
const WORD = 8;

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What one delivery is done by. It knows the secrets that were asked for, and keeps them out of what is reported. */
export class DeliveryMeans implements Means {
  /** In all forms in which they may come back. */
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
    for (const form of formsOf(value)) this.secrets.add(form);
    return value;
  }

  /** A text of a destination's, short and on one line, without the secrets of this delivery. */
  describe(reason: string): string {
    // The longest first: one may be a part of another.
    const secrets = [...this.secrets].sort((a, b) => b.length - a.length);
    let text = reason;
    for (const secret of secrets) text = text.replaceAll(secret, '…');
    for (const secret of secrets) text = withoutBeginning(text, secret);
    return oneLine(text);
  }
}

/** What a secret may look like in an answer: as it is or without its scheme, trimmed, and escaped for where it stands. */
function formsOf(value: string): string[] {
  const words = value.split(/\s+/).filter((word) => word.length >= WORD);
  const [, pair = ''] = /^basic\s+([\w+/=-]+)\s*$/i.exec(value) ?? [];
  const login = Buffer.from(pair, 'base64').toString('utf8');
  const plain = [value, value.trim(), ...words, login, login.slice(login.indexOf(':') + 1)];
  const forms = plain.flatMap((text) => [
    text,
    encodeURIComponent(text.toWellFormed()),
    JSON.stringify(text).slice(1, -1),
    text.replace(/[&<>"']/g, (character) => HTML[character] as string),
  ]);
  return forms.filter((form) => form.length >= SHORT);
}

/** A text that was cut may end in the middle of a secret. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= SHORT; length--)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}…`;
  return text;
}
