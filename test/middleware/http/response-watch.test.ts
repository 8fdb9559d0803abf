import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createReadStream } from 'node:fs';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import compression from 'compression';
import type { Express, RequestHandler } from 'express';
import { auditMiddleware } from '../../../index';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger, type ServedLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });
const LARGE = 64 * 1024 * 1024;

/** Bytes of the body as they came over the wire: without chunk framing, before decompression. */
async function bytesOf(answer: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  return bytes;
}

describe.each(EXPRESSES)('the size of a response in %s', (_name, express) => {
  let store: MemoryStore;
  let folder: string;
  let file: string;
  beforeAll(() => {
    store = new MemoryStore();
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    file = join(folder, 'file.csv');
    writeFileSync(file, 'id,name\r\n1,Zoë\r\n'.repeat(20_000));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function serveWith(mount: (app: Express) => void): Promise<ServedLedger> {
    return serveLedger(store, ({ audit }) => {
      const app = express();
      app.set('env', 'test'); // Express logs no errors then
      app.use(auditMiddleware({ audit, identify }));
      mount(app);
      return app;
    });
  }

  async function fetchFrom(app: ServedLedger, path: string, headers = {}, method = 'GET') {
    const outgoing = request(`${app.url}${path}`, { headers, method, agent: false }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, bytes: await bytesOf(answer) };
  }

  const metadataOf = async (app: ServedLedger) =>
    (await app.recorded.first(1))[0]!.metadata as { responseSize: number; completed?: boolean };

  /** What a GET of /file.csv received, and what was recorded. */
  async function sizes(handler: RequestHandler, headers = {}) {
    const app = await serveWith((it) => it.get('/file.csv', handler));
    const { bytes } = await fetchFrom(app, '/file.csv', headers);
    const { responseSize, ...metadata } = await metadataOf(app);
    expect(metadata).toEqual({ method: 'GET' });
    return { received: bytes, recorded: responseSize };
  }

  it.each<[string, number, RequestHandler]>([
    ['no body', 0, (_req, res) => void res.end()],
    ['only a callback', 0, (_req, res) => void res.end(() => undefined)],
    ['one text', 4, (_req, res) => void res.end('Zoë')],
    ['Express’s send', 4, (_req, res) => void res.send('Zoë')],
    ['JSON', 15, (_req, res) => void res.json({ name: 'Zoë' })],
    ['a buffer', 5, (_req, res) => void res.end(Buffer.alloc(5))],
    ['base64', 3, (_req, res) => void res.end('QUJD', 'base64')],
    ['hex', 2, (_req, res) => void res.end('c3ab', 'hex', () => undefined)],
    ['UTF-16', 6, (_req, res) => void res.end('Zoë', 'utf16le')],
    ['latin1', 3, (_req, res) => void res.end('Zoë', 'latin1')],
    [
      'pieces of all kinds',
      4 + 3 + 6 + 2 + 1,
      (_req, res) => {
        res.write('Zoë');
        res.write('QUJD', 'base64');
        res.write('Zoë', 'utf16le', () => {
          res.write(new Uint8Array(2), () => res.end('x'));
        });
      },
    ],
    [
      'more after the end',
      3,
      (_req, res) => {
        res.on('error', () => undefined);
        res.end('abc');
        res.end('defg');
        res.write('hijk');
      },
    ],
    [
      'a stream',
      300_000,
      (_req, res) => void Readable.from([Buffer.alloc(100_000), Buffer.alloc(200_000)]).pipe(res),
    ],
    ['a declared length', 3, (_req, res) => void res.set('Content-Length', '3').end('abc')],
    ['no content', 0, (_req, res) => void res.status(204).end()],
  ])('of %s is %d', async (_what, bytes, handler) => {
    expect(await sizes(handler)).toEqual({ received: bytes, recorded: bytes });
  });

  it.each<[string, () => RequestHandler]>([
    ['piped', () => (_req, res) => void createReadStream(file).pipe(res)],
    ['sent by sendFile', () => (_req, res) => res.sendFile(file)],
    ['sent by download', () => (_req, res) => res.download(file)],
    ['sent by express.static', () => express.static(folder, { cacheControl: false })],
  ])('of a file %s is the file’s', async (_how, handler) => {
    const app = await serveWith((it) => it.use(handler()));
    const { bytes } = await fetchFrom(app, '/file.csv');
    expect(bytes).toBe(340_000);
    expect(await metadataOf(app)).toEqual({ method: 'GET', responseSize: 340_000 });
  });

  it.each(['gzip', 'br', 'deflate'])('is that of the compressed body: %s', async (encoding) => {
    const app = await serveWith((it) => {
      it.use(compression());
      it.use(express.static(folder, { cacheControl: false }));
    });
    const { bytes } = await fetchFrom(app, '/file.csv', { 'Accept-Encoding': encoding });
    expect(bytes).toBeLessThan(100_000);
    expect((await metadataOf(app)).responseSize).toBe(bytes);
  });

  it('is that of compressed pieces, too', async () => {
    const app = await serveWith((it) => {
      it.use(compression());
      it.get('/file.csv', (_req, res) => {
        res.type('text/csv');
        for (let i = 0; i < 50; i++) res.write('text '.repeat(1_000), 'utf16le');
        res.end('end');
      });
    });
    const { bytes } = await fetchFrom(app, '/file.csv', { 'Accept-Encoding': 'gzip' });
    expect((await metadataOf(app)).responseSize).toBe(bytes);
  });

  it('is 0 for HEAD', async () => {
    const app = await serveWith((it) => it.use(express.static(folder, { cacheControl: false })));
    expect(await fetchFrom(app, '/file.csv', {}, 'HEAD')).toEqual({ status: 200, bytes: 0 });
    expect(await metadataOf(app)).toEqual({ method: 'HEAD', responseSize: 0 });
  });

  it('is that of the range that was sent', async () => {
    const app = await serveWith((it) => it.use(express.static(folder, { cacheControl: false })));
    expect(await fetchFrom(app, '/file.csv', { Range: 'bytes=100-299' })).toEqual({
      status: 206,
      bytes: 200,
    });
    expect(await metadataOf(app)).toEqual({ method: 'GET', responseSize: 200 });
  });

  it('is each response’s own on a connection that is kept', async () => {
    const app = await serveWith((it) =>
      it.get('/:size/file.csv', (req, res) => void res.send(Buffer.alloc(Number(req.params.size)))),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (const size of [5, 70_000, 1]) {
      const [answer] = (await once(get(`${app.url}/${size}/file.csv`, { agent }), 'response')) as [
        IncomingMessage,
      ];
      ports.add(answer.socket.localPort);
      expect(await bytesOf(answer)).toBe(size);
    }
    agent.destroy();
    expect(ports.size).toBe(1);
    const entries = await app.entries();
    expect(entries.map(({ metadata }) => metadata)).toMatchObject([
      { responseSize: 5 },
      { responseSize: 70_000 },
      { responseSize: 1 },
    ]);
  });

  it('leaves `write` and `end` as they were for the handler', async () => {
    const seen: unknown[] = [];
    const { received } = await sizes((_req, res) => {
      seen.push(res.write('a', () => seen.push('flushed')));
      seen.push(res.write('b', 'utf8'));
      seen.push(
        res.end('c', () => {
          seen.push('ended');
        }) === res,
      );
    });
    expect(received).toBe(3);
    expect(seen).toEqual([true, true, true, 'flushed', 'ended']);
  });

  describe('when the client goes away in the middle', () => {
    /** Reads until 256 KiB are there and hangs up. */
    async function cutOff(app: ServedLedger): Promise<number> {
      const [answer] = (await once(get(`${app.url}/file.csv`, { agent: false }), 'response')) as [
        IncomingMessage,
      ];
      let received = 0;
      for await (const chunk of answer) {
        received += (chunk as Buffer).length;
        if (received > 256 * 1024) break; // ends the stream, and with it the connection
      }
      return received;
    }

    const block = randomBytes(64 * 1024);
    function* blocks() {
      for (let sent = 0; sent < LARGE; sent += block.length) yield block;
    }

    it('is what has left of a stream, and says so', async () => {
      const app = await serveWith((it) =>
        it.get('/file.csv', (_req, res) => void Readable.from(blocks()).pipe(res)),
      );
      const received = await cutOff(app);
      const { responseSize, completed } = await metadataOf(app);
      expect(completed).toBe(false);
      expect(responseSize).toBeGreaterThan(0);
      expect(responseSize).toBeLessThan(received + LARGE / 2);
    });

    it('counts no pieces that wait together', async () => {
      const app = await serveWith((it) =>
        it.get('/file.csv', (_req, res) => {
          for (const piece of blocks()) res.write(piece); // Node.js sends them as one
          res.end();
        }),
      );
      const received = await cutOff(app);
      const { responseSize, completed } = await metadataOf(app);
      expect(completed).toBe(false);
      expect(responseSize).toBeLessThan(received + LARGE / 2);
    });

    it('does not count a body sent in one piece as sent', async () => {
      const body = Buffer.alloc(LARGE);
      const app = await serveWith((it) => it.get('/file.csv', (_req, res) => void res.send(body)));
      await cutOff(app);
      const { responseSize, completed } = await metadataOf(app);
      expect(completed).toBe(false);
      expect(responseSize).toBeLessThan(LARGE);
    });

    it('is not completed when the source fails', async () => {
      const app = await serveWith((it) =>
        it.get('/file.csv', (_req, res, next) => {
          res.write(block);
          setImmediate(() => next(new Error('the source failed')));
        }),
      );
      await expect(fetchFrom(app, '/file.csv')).rejects.toThrow();
      const { responseSize, completed } = await metadataOf(app);
      expect(completed).toBe(false);
      expect(responseSize).toBeLessThanOrEqual(block.length);
    });
  });
});
