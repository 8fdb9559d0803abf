/** The messages between the page and the one around it. */
export const TOKEN_MESSAGE = 'audit-ledger:token';

/** How long the page around this one may take for an answer, in milliseconds. */
const PATIENCE = 10_000;

/** What can stand in a header behind `Bearer`. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** Signs requests: what to put into their headers, anew where the last was refused. */
export interface Signing {
  headers(isRefused?: boolean): Promise<Record<string, string>>;
}

/** The windows and events that are used of a browser. */
export interface Frame {
  self: object;
  parent: { postMessage(message: unknown, target: string): void };
  addEventListener(type: 'message', listener: (event: HostMessage) => void): void;
  setTimeout(call: () => void, time: number): unknown;
}

export interface HostMessage {
  origin: string;
  source: unknown;
  data: unknown;
}

/**
 * Asks the page around this one for a token. The question holds nothing that is secret, so anybody may hear it; an answer
 * counts from the window around this one alone, and from its own origin or one that the server has named. The token is kept in
 * memory: in no address, no storage and no cookie, so that it ends with the page and no link carries it on.
 */
export class HostToken implements Signing {
  private token: Promise<string | null> | null = null;
  private answered: ((token: string) => void) | null = null;

  constructor(
    private readonly frame: Frame,
    origins: readonly string[],
  ) {
    frame.addEventListener('message', ({ origin, source, data }) => {
      const { type, token } = (data ?? {}) as { type?: unknown; token?: unknown };
      if (source !== frame.parent || !origins.includes(origin) || type !== TOKEN_MESSAGE) return;
      if (typeof token !== 'string' || !TOKEN.test(token)) return;
      if (this.answered) this.answered(token);
      else this.token = Promise.resolve(token); // the host has a newer one
    });
  }

  async headers(isRefused = false): Promise<Record<string, string>> {
    if (isRefused && !this.answered) this.token = null;
    const token = await (this.token ??= this.ask());
    return token === null ? {} : { Authorization: `Bearer ${token}` };
  }

  private ask(): Promise<string | null> {
    const { frame } = this;
    // A page of its own has nobody to ask.
    if (frame.parent === frame.self) return Promise.resolve(null);
    return new Promise((resolve) => {
      const end = (token: string | null): void => {
        this.answered = null;
        if (token === null) this.token = null; // asked for again at the next request
        resolve(token);
      };
      this.answered = end;
      frame.setTimeout(() => {
        if (this.answered === end) end(null);
      }, PATIENCE);
      frame.parent.postMessage({ type: TOKEN_MESSAGE }, '*');
    });
  }
}
