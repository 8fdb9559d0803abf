import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request as a server got it: whole, and uncompressed. */
export interface Got {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An answer; `hang` gives none, `cut` ends the connection in the middle of one. */
export type Given = { status: number; headers?: Record<string, string>; body?: string } | 'hang' | 'cut';

/** An HTTP server whose answers a function gives. */
export class HttpReceiver {
  readonly requests: Got[] = [];
  private readonly server: Server;

  constructor(public answer: (got: Got) => Given | Promise<Given>) {
    this.server = createServer((request, response) => void this.take(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the sender was killed
    }
    const bytes = Buffer.concat(chunks);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString(
      'utf8',
    );
    const got = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    this.requests.push(got);
    const given = await this.answer(got);
    if (given === 'hang') return;
    if (given === 'cut') {
      response.writeHead(200, { 'content-length': '1000' }).write('{');
      setTimeout(() => request.socket.destroy(), 5);
      return;
    }
    response.writeHead(given.status, given.headers).end(given.body ?? '');
  }
}

/** An envelope of Splunk's collector, as it must be. */
export interface Envelope {
  time: string;
  sourcetype: string;
  fields: Record<string, string>;
  event: { tenantId: string; seq: number; id: string; hash: string; prevHash: string };
}

/**
 * Splunk's HTTP Event Collector as it is documented: refuses what it refuses, with the codes that it has. With
 * `acknowledgement`, what was sent is acknowledged at the second time of asking.
 */
export class Collector {
  readonly envelopes: Envelope[] = [];
  readonly http: HttpReceiver;
  private acks = 0;
  private readonly asked = new Map<number, number>();
  /** An answer in place of the collector's own; it may still take what came. */
  fail: (got: Got) => Given | null = () => null;

  constructor(private readonly options: { token: string; acknowledgement?: boolean }) {
    this.http = new HttpReceiver((got) => this.fail(got) ?? this.answer(got));
  }

  private answer({ method, path, headers, body }: Got): Given {
    const told = (status: number, code: number, text: string, more: object = {}): Given => ({
      status,
      body: JSON.stringify({ text, code, ...more }),
    });
    if (method !== 'POST') return told(405, 6, 'Method not allowed');
    if (headers.authorization === undefined) return told(401, 2, 'Token is required');
    if (!headers.authorization.startsWith('Splunk ')) return told(401, 3, 'Invalid authorization');
    if (headers.authorization !== `Splunk ${this.options.token}`) return told(403, 4, 'Invalid token');
    const channel = headers['x-splunk-request-channel'];
    if (this.options.acknowledgement && channel === undefined)
      return told(400, 10, 'Data channel is missing');
    if (path === '/services/collector/ack') return this.acknowledge(body);
    if (path !== '/services/collector/event') return { status: 404 };
    if (body === '') return told(400, 5, 'No data');
    const lines = body.split('\n');
    const taken: Envelope[] = [];
    for (const [index, line] of lines.entries()) {
      const wrong = faultIn(line);
      if (!wrong) {
        taken.push(JSON.parse(line) as Envelope);
        continue;
      }
      this.envelopes.push(...taken); // those before it are taken
      return told(400, wrong.code, wrong.text, { 'invalid-event-number': index });
    }
    this.envelopes.push(...taken);
    const ack = this.options.acknowledgement ? { ackId: this.acks++ } : {};
    return told(200, 0, 'Success', ack);
  }

  private acknowledge(body: string): Given {
    const { acks } = JSON.parse(body) as { acks: number[] };
    const told = acks.map((ack) => {
      const times = (this.asked.get(ack) ?? 0) + 1;
      this.asked.set(ack, times);
      return [String(ack), times > 1];
    });
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(told) }) };
  }
}

function faultIn(line: string): { code: number; text: string } | null {
  let envelope: Record<string, unknown>;
  try {
    envelope = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { code: 6, text: 'Invalid data format' };
  }
  if (!('event' in envelope)) return { code: 12, text: 'Event field is required' };
  if (envelope['event'] === '') return { code: 13, text: 'Event field cannot be blank' };
  const { fields, time } = envelope;
  const isFields = Object.values(fields ?? {}).every(
    (value) =>
      typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string')),
  );
  if (!isFields || !/^\d{1,10}(\.\d{1,3})?$/.test(String(time)))
    return { code: 15, text: 'Error in handling indexed fields' };
  return null;
}
