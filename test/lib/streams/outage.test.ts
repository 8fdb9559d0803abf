import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { AuditError } from '../../../lib/errors';
import { StreamService } from '../../../lib/streams/stream-service';
import { parseStream } from '../../../lib/streams/stream-options';
import { MOST_ASIDE } from '../../../lib/streams/stream';
import { GUARDED_NETWORK } from '../../../lib/streams/net/means';
import { MemoryStore } from '../../../models/memory/memory-store';
import { type Destination, splunk, syslog } from '../../../streams';
import { GENESIS } from '../../../lib/chain/link';
import { chain } from '../../conformance/given';
import { eventually } from '../../support/eventually';
import { Collector, type Given } from '../../support/streams/hec';
import { Receiver, upTo } from '../../support/streams/receiver';
import { selfSigned } from '../../support/streams/tls-files';
import { temporaryFolder } from '../../support/temporary';

/** Nothing but a hang takes as long, however busy the machine is. */
const PATIENCE = 300_000;

const TOKEN = 'hunter2-hunter2';

let [collector, url, store] = [new Collector({ token: TOKEN }), '', new MemoryStore()];
let [errors, entries]: [AuditError[], [string, object][]] = [[], []];
const services: StreamService[] = [];
beforeEach(async () => {
  collector = new Collector({ token: TOKEN });
  url = await collector.http.listen();
  [store, errors, entries] = [new MemoryStore(), [], []];
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop(0);
  await collector.http.close();
});

function deliver(options: object = {}, parts: object = {}): StreamService {
  const service = new StreamService(
    {
      store,
      clock: { now: Date.now, random: () => 0 },
      record: (action, metadata) => Promise.resolve(entries.push([action, metadata])),
      report: (error) => errors.push(error),
      patience: PATIENCE,
      pace: { tick: 50 },
      elapsed: () => 0, // short as they are, no turn passes on a slow machine
      ...parts,
    },
    [parseStream({ name: 'siem', to: splunk({ url, token: () => TOKEN }), ...options })],
  );
  services.push(service);
  service.start();
  return service;
}

const seqs = () => collector.envelopes.map(({ event }) => event.seq);
const firsts = () => [...new Set(seqs())];

describe('a destination in trouble', () => {
  it.each<[string, Given]>([
    ['answers 429', { status: 429, headers: { 'retry-after': '1' } }],
    ['answers 500', { status: 500, body: '{"code":8}' }],
    ['answers 503', { status: 503, body: '{"code":9}' }],
    ['closes the connection in the middle', 'cut'],
    ['hangs', 'hang'],
    ['has a proxy before it that answers in its place', { status: 200, body: '<html>' }],
  ])('%s: nothing is lost, the order is kept, and what comes twice is the same', async (_name, given) => {
    let left = 3;
    collector.fail = () => (left-- > 0 ? given : null);
    await store.append(chain('acme', 30));
    deliver({}, given === 'hang' ? { patience: 500 } : {});
    await eventually(() => expect(collector.http.requests.length).toBeGreaterThan(1));
    const all = chain('acme', 60);
    await store.append(all.slice(30));
    await eventually(() => expect(firsts()).toEqual(upTo(60)));
    for (const { event } of collector.envelopes) expect(event.hash).toBe(all[event.seq - 1]!.hash);
  });

  it('shows a certificate that is not trusted, or that of another: nothing is lost, and all comes once it is right', async () => {
    const { key, cert } = selfSigned(temporaryFolder(), 'siem.example');
    const received: string[] = [];
    const tls = createServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined).on('data', (data: Buffer) => received.push(data.toString()));
    });
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    const { port } = tls.address() as AddressInfo;
    const to = (options: object) => syslog({ host: '127.0.0.1', port, ...options });
    await store.append(chain('acme', 30));
    let options: object = {};
    // As an application whose certificates are renewed beside it.
    const renewed: Destination = {
      ...to({}),
      deliver: (pieces, means) => to(options).deliver(pieces, means),
    };
    deliver({ to: renewed });
    await eventually(() => expect(errors[0]?.message).toMatch(/self-signed certificate/));
    options = { ca: cert, servername: 'other.example' };
    await eventually(async () =>
      expect((await store.streams())[0]!.progress).toContain('does not match certificate'),
    );
    expect([received, errors.map(({ code }) => code)]).toEqual([[], ['STREAM_FAILED']]);
    await store.append(chain('acme', 60).slice(30));
    options = { ca: cert };
    const seqsIn = () => Array.from(received.join('').matchAll(/"seq":(\d+)/g), ([, seq]) => Number(seq));
    await eventually(() => expect(seqsIn()).toEqual(upTo(60)));
    await eventually(() =>
      expect(entries.map(([action]) => action)).toEqual([
        'ledger.stream_started',
        'ledger.stream_failure',
        'ledger.stream_resumed',
      ]),
    );
    tls.close();
  });

  it('that took a batch and could not say so gets it again, and no other', async () => {
    let isFirst = true;
    collector.fail = (got) => {
      if (!isFirst) return null;
      isFirst = false;
      collector.envelopes.push(...got.body.split('\n').map((line) => JSON.parse(line) as never));
      return 'cut';
    };
    await store.append(chain('acme', 10));
    deliver();
    await eventually(() => expect(seqs()).toEqual([...upTo(10), ...upTo(10)]));
  });

  it('is told of without its secret, whatever it answers', async () => {
    collector.fail = ({ headers }) => ({
      status: 403,
      body: JSON.stringify({
        code: 4,
        text: `Invalid token ${String(headers.authorization)} ${encodeURIComponent(TOKEN)}`,
      }),
    });
    await store.append(chain('acme', 1));
    const service = deliver();
    await eventually(() => expect(errors).toHaveLength(1));
    const [{ row }] = (await service.all()) as [Awaited<ReturnType<StreamService['all']>>[number]];
    await eventually(async () => expect((await store.streams())[0]!.progress).toContain('it answered 403'));
    const told = JSON.stringify([
      errors.map(({ message, cause }) => [message, cause]),
      entries,
      row,
      await store.streams(),
    ]);
    expect(told).toContain('it answered 403');
    expect(told).not.toContain('hunter2');
  });
});

it('streams are delivered while the chain of the ledger itself takes nothing', async () => {
  await store.append(chain('acme', 3));
  deliver({}, { record: () => new Promise<never>(() => undefined) });
  await eventually(() => expect(firsts()).toEqual(upTo(3)));
});

describe('a stream of a tenant', () => {
  it('does not reach an address of an inner network', async () => {
    await store.append(chain('acme', 1));
    const networks = { open: GUARDED_NETWORK, guarded: GUARDED_NETWORK };
    deliver(
      { owner: 'acme', to: splunk({ url: url.replace('http:', 'https:'), token: TOKEN }) },
      { networks },
    );
    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]!.message).toContain('its address leads to a private, link-local or loopback network');
    expect(collector.http.requests).toEqual([]);
  });
});

describe('a destination of a tenant', () => {
  /** Somewhere in this process, that a tenant may own. */
  const owned = (to: Receiver): object => ({ owner: 'acme', to });

  it('that refuses entry after entry has 10,000 set aside, and then none is lost', async () => {
    const to = new Receiver();
    let isRefusing = true;
    to.answer = () =>
      isRefusing ? { result: 'taken', refused: [{ index: 0, reason: 'no' }] } : { result: 'taken' };
    jest.spyOn(store, 'countSetAside').mockImplementation(async (name) => {
      return MOST_ASIDE - 2 + (await store.readSetAside(name, 100)).length;
    });
    await store.append(chain('acme', 50));
    deliver(owned(to));
    await eventually(() =>
      expect(errors[0]?.message).toMatch(/no more entries can be set aside, and it refuses/),
    );
    const names = (await store.readSetAside('siem', 100)).map(({ seq }) => seq);
    expect(names).toEqual([1, 11]);
    isRefusing = false;
    await eventually(() => expect(to.seqs('acme')).toContain(50));
    expect(new Set(to.seqs('acme'))).toEqual(new Set(upTo(50).filter((seq) => !names.includes(seq))));
  });

  it('holds little of a backlog in memory, whatever it takes', async () => {
    const sizes = new Map<string, number>();
    const large = () => ({ metadata: { text: 'x'.repeat(5_000) } });
    await store.append(chain('acme', 400, undefined, large));
    for (const name of ['theirs', 'ours']) {
      const to = Object.assign(new Receiver(), { limits: { entries: 1_000, bytes: 5_000_000 } });
      to.answer = (pieces) => {
        const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
        sizes.set(name, Math.max(sizes.get(name) ?? 0, bytes));
        return { result: 'taken' };
      };
      deliver({ name, to, ...(name === 'theirs' ? { owner: 'acme' } : { tenants: ['acme'] }) });
      await eventually(() => expect(to.seqs('acme')).toEqual(upTo(400)));
    }
    expect(sizes.get('theirs')).toBeLessThanOrEqual(256 * 1024);
    expect(sizes.get('ours')).toBeGreaterThan(256 * 1024);
  });
});

describe('a long backlog', () => {
  it('is caught up in batches, and never wholly in memory', async () => {
    const count = 20_000;
    let head = { ...GENESIS } as Parameters<typeof chain>[2];
    for (let n = 0; n < count; n += 2_000) {
      const part = chain('acme', 2_000, head, () => ({ metadata: { text: 'x'.repeat(500) } }));
      await store.append(part);
      head = part.at(-1)!;
    }
    let most = 0;
    collector.fail = (got) => {
      most = Math.max(most, got.body.length);
      return null;
    };
    deliver();
    await eventually(() => expect(collector.envelopes.length).toBe(count));
    expect(firsts()).toEqual(upTo(count));
    expect(most).toBeLessThanOrEqual(801_000);
  });
});
