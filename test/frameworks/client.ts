import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { Entry } from '../../lib/chain/entry';

/** What ends a hang, and how often is looked, in milliseconds. */
const PATIENCE = 60_000;
const INTERVAL = 20;

/** How to ask. */
export interface Asking {
  method?: string;
  /** Who is signed in; null for nobody. Default: ada. */
  user?: string | null;
  tenant?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

/** What a case asks an application with. Its requests can be told from those of others by their tenant and user agent. */
export class Client {
  /** @param entriesOf the entries of a tenant that are recorded so far */
  constructor(
    readonly name: string,
    private readonly port: number,
    readonly upload: 'multipart' | 'raw',
    private readonly entriesOf: (tenant: string) => Promise<Entry[]>,
  ) {}

  /** Where the application is. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A request, and its whole answer. */
  async ask(path: string, asking: Asking = {}): Promise<Answer> {
    const sent = this.open(path, asking);
    sent.end(asking.body);
    return answerOf(sent);
  }

  /** A JSON answer, whose status must be a success. */
  async json<Value>(path: string, asking: Asking = {}): Promise<Value> {
    const { status, text } = await this.ask(path, asking);
    if (status < 200 || status > 299) throw new Error(`${path} was answered with ${status}: ${text}`);
    return JSON.parse(text) as Value;
  }

  /** A request whose body is sent by the caller. */
  open(
    path: string,
    { method = 'GET', user = 'ada', tenant = this.name, headers = {}, body }: Asking = {},
  ): ClientRequest {
    const signedIn = user === null ? {} : { 'x-user': user, 'x-tenant': tenant };
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    return request({
      host: '127.0.0.1',
      port: this.port,
      path,
      method,
      agent: false,
      headers: { 'user-agent': this.name, ...signedIn, ...length, ...headers },
    });
  }

  /** Hangs up when the server has the request, and before it has answered. */
  async hangUpEarly(path: string, asking: Asking = {}): Promise<void> {
    // By its `100 Continue` a server of Node.js tells that it has the headers.
    const sent = this.open(path, { ...asking, headers: { ...asking.headers, expect: '100-continue' } });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.destroy();
  }

  /** Hangs up when the first bytes of a body have come. */
  async hangUpLate(path: string, asking: Asking = {}): Promise<void> {
    const sent = this.open(path, asking);
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.on('error', () => undefined);
    sent.destroy();
  }

  /** Waits for an entry that no answer tells of, such as that of a request whose client has gone. */
  async untilRecorded(isIt: (entry: Entry) => boolean, tenant = this.name): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!(await this.entriesOf(tenant)).some(isIt)) {
      if (Date.now() > deadline) throw new Error(`There is no such entry of ${tenant}`);
      await wait(INTERVAL);
    }
  }
}

/** The whole answer to a request. */
export async function answerOf(sent: ClientRequest): Promise<Answer> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString('utf8') };
}
