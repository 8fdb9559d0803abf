import type { IncomingMessage } from 'node:http';
import { attempt } from '../../lib/util/attempt';
import type { RequestPort, Target } from '../http/ports';
import { parseTarget } from '../http/request-target';

/** A request of Node.js. What a framework knows better, its binding overrides. */
export class NodeRequest implements RequestPort {
  /** @param sources the framework's own objects; the request of Node.js where it has none */
  constructor(
    protected readonly req: IncomingMessage,
    readonly sources: RequestPort['sources'] = [req],
  ) {
    attempt(() => req.socket.remoteAddress); // Node.js forgets that of a client that disconnects, unless it was read before
  }

  get method(): string {
    return this.req.method ?? '';
  }

  get target(): Target {
    return parseTarget(this.req);
  }

  get address(): string | undefined {
    return attempt(() => this.req.socket.remoteAddress);
  }

  get id(): string | undefined {
    return undefined;
  }

  get path(): string {
    return this.target.path;
  }

  get route(): string | undefined {
    return undefined;
  }

  get isFileServer(): boolean {
    return false;
  }

  /** As a text: requests made by programs may have others, or no headers. */
  header(name: string): string | undefined {
    const value: unknown = attempt(() => this.req.headers[name]);
    return typeof value === 'string' ? value : undefined;
  }
}
