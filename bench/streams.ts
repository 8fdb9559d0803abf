import { createServer, type IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type * as Streams from '../streams';
import { ENTRIES } from '../models/append-only/audit-entry';
import { selfSigned } from '../test/support/streams/tls-files';
import { createAudit } from './built';
import { compare, median, p99, perSecond } from './measure';

const { datadog, elastic, jsonl, otlp, splunk, syslog, webhook } = createRequire(__filename)(
  '../dist/streams.js',
) as typeof Streams;

const COUNT = 20_000;
const TENANTS = 20;
const ROUNDS = 3;

/** Events a second, and for how many seconds, when the delay is measured. */
const RATE = 100;
const SECONDS = 15;

const SECRET = `whsec_${'A'.repeat(32)}`;

/** All tenants; each has as many entries. */
const ALL = Array.from({ length: TENANTS }, (_, n) => `t${n}`);

type Destination = Streams.Destination;

/** Streams into a receiver of each kind against a bare cursor whose documents are posted; and how long an event takes. */
export async function benchStreams(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const folder = mkdtempSync(join(tmpdir(), 'audit-bench-'));
  const http = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { key, cert } = selfSigned(folder, 'localhost');
  const tls = createTlsServer({ key, cert }, (socket) => socket.resume().on('error', () => undefined));
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  const { port } = tls.address() as AddressInfo;
  const kinds: Record<string, () => Destination> = {
    splunk: () => splunk({ url, token: 't' }),
    datadog: () => datadog({ url, apiKey: 'k' }),
    elastic: () => elastic({ url }),
    otlp: () => otlp({ url }),
    'webhook, 500 entries a message': () => webhook({ url, secret: SECRET, batch: 500 }),
    syslog: () => syslog({ host: '127.0.0.1', port, ca: cert }),
    jsonl: () => jsonl({ file: join(folder, 'audit.jsonl') }),
  };
  await fill(connection);
  await compare(`Streaming ${COUNT} entries of ${TENANTS} tenants`, 'entries/s', ROUNDS, [
    { name: 'cursor whose documents are posted', run: () => bare(connection, url) },
    ...Object.entries(kinds).map(([name, make]) => ({
      name,
      run: (round: number) => stream(connection, `${name.replaceAll(/\W/g, '')}${round}`, make()),
    })),
  ]);
  const one = { count: COUNT / TENANTS, tenants: ['t0'] };
  await compare(`Streaming ${one.count} entries, each in a message of its own`, 'entries/s', ROUNDS, [
    { name: 'cursor whose documents are posted', run: () => bare(connection, url, one.tenants, 1) },
    {
      name: 'webhook',
      run: (round) => stream(connection, `single${round}`, webhook({ url, secret: SECRET }), one.tenants),
    },
  ]);
  await delays(connection, splunk({ url, token: 't' }));
  http.closeAllConnections();
  http.close();
  tls.close();
  rmSync(folder, { recursive: true, force: true });
  await connection.dropDatabase();
}

function answer(
  request: IncomingMessage,
  response: Parameters<Parameters<typeof createServer>[1] & object>[1],
): void {
  const { url = '' } = request;
  if (url.startsWith('/services')) response.end('{"code":0}');
  else if (url.startsWith('/api')) response.writeHead(202).end('{}');
  else response.end('{"errors":false}');
}

async function fill(connection: Connection): Promise<void> {
  const audit = createAudit({ connection });
  for (let begin = 0; begin < COUNT; begin += 5_000) {
    const batch = audit.batch();
    for (let n = begin; n < begin + 5_000; n++)
      batch.event({
        tenantId: `t${n % TENANTS}`,
        action: 'org.member.invite',
        actor: `user_${n % 50}`,
        resource: `invite_${n}`,
        metadata: { n, role: 'member', email: `user${n}@example.com` },
      });
    await batch.commit();
  }
  await audit.close();
}

async function bare(
  connection: Connection,
  url: string,
  tenants = ALL,
  entriesOfMessage = 1_000,
): Promise<number> {
  return perSecond((COUNT / TENANTS) * tenants.length, async () => {
    const filter = tenants === ALL ? {} : { tenantId: { $in: tenants } };
    const cursor = connection.db!.collection(ENTRIES).find(filter).batchSize(1_000);
    let lines: string[] = [];
    const post = async () => {
      await (await fetch(url, { method: 'POST', body: lines.join('\n') })).text();
      lines = [];
    };
    for await (const document of cursor)
      if (lines.push(JSON.stringify(document)) === entriesOfMessage) await post();
    if (lines.length > 0) await post();
  });
}

async function stream(connection: Connection, name: string, to: Destination, tenants = ALL): Promise<number> {
  const count = (COUNT / TENANTS) * tenants.length;
  let taken = 0;
  let whole: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (whole = resolve));
  const counting: Destination = {
    ...to,
    async deliver(pieces, means) {
      const delivery = await to.deliver(pieces, means);
      if (delivery.result !== 'taken') throw new Error(JSON.stringify(delivery));
      if ((taken += pieces.length) >= count) whole();
      return delivery;
    },
  };
  const audit = createAudit({ connection, streams: [{ name, to: counting, tenants }] });
  const figure = await perSecond(count, () => done);
  await audit.close();
  return figure;
}

/** From `event()` to the receiver's acknowledgement, in milliseconds. */
async function delays(connection: Connection, to: Destination): Promise<void> {
  const begun = new Map<string, number>();
  const taken: number[] = [];
  const timed: Destination = {
    ...to,
    async deliver(pieces, means) {
      const delivery = await to.deliver(pieces, means);
      for (const { entry } of pieces) {
        const at = begun.get(entry.id);
        if (at !== undefined) taken.push(performance.now() - at);
      }
      return delivery;
    },
  };
  const audit = createAudit({ connection, streams: [{ name: 'delays', to: timed, from: 'now' }] });
  await wait(5_000); // the stream has the turn
  const end = performance.now() + SECONDS * 1000;
  for (let n = 0; performance.now() < end; n++) {
    const id = `delay-${n}`;
    begun.set(id, performance.now());
    void audit.event({ tenantId: `t${n % TENANTS}`, action: 'org.a', id });
    await wait(1000 / RATE);
  }
  while (taken.length < begun.size) await wait(20);
  await audit.close();
  const [middle, last] = [median(taken).toFixed(0), p99(taken).toFixed(0)];
  console.log(`\nDelay at ${RATE} events a second: median ${middle} ms, p99 ${last} ms`);
}
