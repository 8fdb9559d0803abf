import { lookup as resolve, type LookupAddress } from 'node:dns';
import { Agent, request as send, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { PostAnswer, PostRequest, TlsAddress } from '../destination';
import { bodyOf } from './fetch-post';
import { isPublicAddress } from './public-address';
import { connectTls } from './tls';

/** What a guard asks. */
export interface GuardParts {
  /** All addresses of a name. */
  resolve: (host: string) => Promise<LookupAddress[]>;
  isPublic: (address: string) => boolean;
  /** Certificates of authorities, PEM; those of Node.js when left out. */
  ca?: string;
}

/** What of an answer is read: thousands of destinations of tenants may answer at a time. */
const MAX_ANSWER = 1024 * 1024;

const PARTS: GuardParts = {
  resolve: (host) =>
    new Promise((done, failed) =>
      resolve(host, { all: true }, (error, addresses) => (error ? failed(error) : done(addresses))),
    ),
  isPublic: isPublicAddress,
};

/**
 * Reaches addresses that tenants give, which must not lead into the network of whoever runs this: by TLS alone, to public
 * addresses alone. A name is resolved once for a connection, and the connection goes to the address that was checked: what the
 * name resolves to later does not matter. Redirects are not followed, and no proxy is asked, which would resolve for itself.
 */
export class GuardedNetwork {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(private readonly parts: GuardParts = PARTS) {}

  async post(asked: PostRequest, signal: AbortSignal): Promise<PostAnswer> {
    const url = new URL(asked.url);
    if (url.protocol !== 'https:') throw new Error('its address must be https');
    this.assertHost(url.hostname);
    const { body, headers } = await bodyOf(asked);
    return this.send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': body.length },
        agent: this.agent,
        lookup: this.lookup,
        signal,
        ...(this.parts.ca !== undefined && { ca: this.parts.ca }),
      },
      body,
    );
  }

  async connect(address: TlsAddress, signal: AbortSignal): ReturnType<typeof connectTls> {
    this.assertHost(address.host);
    return connectTls(address, signal, this.lookup);
  }

  private send(url: URL, options: RequestOptions, body: Buffer): Promise<PostAnswer> {
    return new Promise((resolve, reject) => {
      const request = send(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const answer = () =>
          resolve({
            status: response.statusCode ?? 0,
            header: (name) => String(response.headers[name] ?? '') || null,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          if ((size += chunk.length) < MAX_ANSWER) return;
          answer();
          response.destroy();
        });
        response.on('end', answer);
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** An address that is written as such is not looked up. */
  private assertHost(hostname: string): void {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && !this.parts.isPublic(host)) throw innerAddress();
  }

  /** Gives the addresses that were checked, and none when one of them is not public. */
  private readonly lookup: LookupFunction = (host, options, done) => {
    const answer = async (): Promise<LookupAddress[]> => {
      const addresses = await this.parts.resolve(host);
      if (addresses.length === 0 || !addresses.every(({ address }) => this.parts.isPublic(address)))
        throw innerAddress();
      return addresses;
    };
    answer().then(
      (addresses) => {
        const [first] = addresses as [LookupAddress];
        if (options.all) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, ''),
    );
  };
}

/** It does not say where the name leads: that would map the inner network for whoever asks. */
function innerAddress(): Error {
  return new Error('its address leads to a private, link-local or loopback network');
}
