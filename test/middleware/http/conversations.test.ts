import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import { type AddressInfo, connect as dial } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Express } from 'express';
import { auditMiddleware } from '../../../index';
import { atEnd } from '../../support/at-end';
import { eventually } from '../../support/eventually';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { sized } from '../../support/sized';
import { type TestLedger, testLedger } from '../../support/served-ledger';

const CONVERSATIONS = sized(300, 5_000);
const SEED = 20_261_128;

/** What is sent over one connection, and after how many bytes the client hangs up. */
interface Conversation {
  bytes: Buffer;
  hangsUpAfter: number | null;
}

const text = (max: number) => fc.string({ unit: 'grapheme-ascii', maxLength: max });

const header = fc.oneof(
  fc.tuple(fc.constantFrom('User-Agent', 'X-Request-Id', 'Traceparent', 'X-Odd', 'Cookie'), text(40)),
  fc.constant(['User-Agent', 'x'.repeat(5_000)] as const),
  fc.constant(['X-Forwarded-For', '1.2.3.4, unknown'] as const),
  fc.constant(['X-Forwarded-For', '::1, 10.0.0.1'] as const),
  fc.constant(['Range', 'bytes=0-3'] as const),
  fc.constant(['Upgrade', 'websocket\r\nConnection: Upgrade'] as const),
  fc.constant(['Expect', '100-continue'] as const),
  fc.constant(['Accept-Encoding', 'gzip, br, *;q=0'] as const),
);

const body = fc.oneof(
  fc.constant(''),
  text(30).map((sent) => `Content-Length: ${sent.length}\r\n\r\n${sent}`),
  fc.constant('Transfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n3\r\nabc\r\n0\r\nX-End: 1\r\n\r\n'),
  fc.constant('Transfer-Encoding: chunked\r\n\r\n3\r\nab'),
);

const REQUESTS = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'M-SEARCH'),
  kind: fc.constantFrom(
    'now',
    'later',
    'stream',
    'file.csv',
    'no',
    'throw',
    'hang',
    'twice',
    'nothing',
    'reset',
  ),
  query: fc.constantFrom('', '?format=export', '?a=%E0%A4%A', '?q=1&q=2#x'),
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
  headers: fc.array(header, { maxLength: 3 }),
  body,
});

const CONVERSATION: fc.Arbitrary<(id: number) => Conversation> = fc
  .tuple(fc.array(REQUESTS, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(), { freq: 2 }), fc.boolean())
  .map(([requests, hangUp, isAbsolute]) => (id) => {
    const sent = requests.map(({ method, kind, query, version, headers, body }, n) => {
      const target = `${isAbsolute ? 'http://u:p@a' : ''}/${kind}/${id}-${n}${query}`;
      const last = n === requests.length - 1 ? 'Connection: close\r\n' : '';
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      return `${method} ${target} HTTP/${version}\r\nHost: a\r\n${last}${lines}${body === '' ? '\r\n' : body}`;
    });
    const bytes = Buffer.from(sent.join(''), 'latin1');
    return { bytes, hangsUpAfter: hangUp === null ? null : hangUp % (bytes.length + 1) };
  });

/** Of what runs, which requests reached a handler. */
function mount(app: Express, ran: string[]): void {
  app.use((_req, res, next) => {
    res.sendDate = false;
    res.on('error', () => undefined);
    next();
  });
  app.all('/:kind/:id', (req, res, next) => {
    const { kind, id } = req.params;
    ran.push(`/${kind}/${id}`);
    const answers: Record<string, () => unknown> = {
      now: () => res.json({ ok: true }),
      later: () => setImmediate(() => res.status(201).end('later')),
      stream: () => {
        res.write('a');
        setImmediate(() => res.end('b'));
      },
      'file.csv': () => res.attachment('x.csv').send('a,b'),
      no: () => res.sendStatus(401),
      throw: () => next(Object.assign(new Error('no'), { stack: 'no' })), // a stack shows who called
      hang: () => setImmediate(() => req.socket.destroy()),
      twice: () => res.end('once').end('twice'),
      nothing: () => res.status(204).end(),
      reset: () => res.write('half', () => req.socket.destroy()),
    };
    answers[kind]?.();
  });
}

describe.each(EXPRESSES)('random conversations with %s', (_name, express) => {
  /** An application of its own, with the middleware or without. */
  async function serveOne(ledger: TestLedger | null): Promise<{ port: number; ran: string[] }> {
    const ran: string[] = [];
    const app = express();
    app.set('env', 'test');
    app.set('trust proxy', (address: string) => {
      if (address === 'unknown') throw new Error('unknown address');
      return true;
    });
    if (ledger)
      app.use(
        auditMiddleware({
          audit: ledger.audit,
          identify: () => ({ actor: 'ada', tenantId: 'acme' }),
          capture: { requests: true },
        }),
      );
    mount(app, ran);
    const server = createServer(app);
    server.on('upgrade', (req, socket: Duplex) => {
      const res = new ServerResponse(req);
      socket.on('error', () => undefined);
      app(req as never, res as never);
      setImmediate(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => {
      server.closeAllConnections();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, ran };
  }

  async function converse(port: number, { bytes, hangsUpAfter }: Conversation): Promise<string> {
    const socket = dial(port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('error', () => undefined).on('data', (chunk) => received.push(chunk));
    await once(socket, 'connect');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (hangsUpAfter === null) {
      socket.end(bytes);
    } else {
      await new Promise((resolve) => socket.write(bytes.subarray(0, hangsUpAfter), resolve));
      await turn();
      socket.destroy();
    }
    await closed;
    return Buffer.concat(received).toString('latin1');
  }

  it(`are answered by the same bytes, and each handler that ran has its entry (seed ${SEED})`, async () => {
    const ledger = testLedger(new MemoryStore());
    const [plain, audited] = [await serveOne(null), await serveOne(ledger)];
    const conversations = fc
      .sample(CONVERSATION, { numRuns: CONVERSATIONS, seed: SEED })
      .map((make, id) => make(id));
    for (const conversation of conversations) {
      const [without, with_] = await Promise.all(
        [plain, audited].map(({ port }) => converse(port, conversation)),
      );
      if (conversation.hangsUpAfter === null) expect(with_).toBe(without);
    }
    const recorded = async () => {
      const entries = await ledger.recorded.all();
      return entries.filter(({ action }) => action === 'http.request');
    };
    await eventually(async () =>
      expect((await recorded()).length).toBeGreaterThanOrEqual(audited.ran.length),
    );
    const paths = (await recorded()).map(({ context }) =>
      (context as { path?: string }).path?.replace(/^http:\/\/a/, ''),
    );
    expect(paths.sort()).toEqual(audited.ran.sort());
    expect(ledger.errors).toEqual([]);
  });
});
