import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import { runInThisContext } from 'node:vm';
import { reasonOf } from '../../../../lib/streams/net/fetch-post';
import { GuardedNetwork } from '../../../../lib/streams/net/guarded-network';
import { DeliveryMeans, OPEN_NETWORK, type Network } from '../../../../lib/streams/net/means';
import { splunk } from '../../../../streams';
import { compiledPath } from '../../../support/compiled-path';
import { ConnectProxy } from '../../../support/streams/connect-proxy';
import { pieces } from '../../../support/streams/deliver';
import { selfSigned } from '../../../support/streams/tls-files';
import { temporaryFolder } from '../../../support/temporary';

/** Where undici's `setGlobalDispatcher` puts what it is given, for the `fetch` of Node.js, too. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
// That of Node.js itself: Jest gives tests another.
const world = runInThisContext('globalThis') as Record<symbol, unknown>;

/** Versions whose `fetch` reads the proxy of the environment. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const HAS_ENV_PROXY = major >= 24 || (major === 22 && minor >= 21);

let [certificate, server, port] = [{} as ReturnType<typeof selfSigned>, null as Server | null, 0];
let taken: string[] = [];
beforeAll(async () => {
  certificate = selfSigned(temporaryFolder(), 'siem.example');
  server = createServer(certificate, (asked, response) => {
    taken.push(String(asked.headers.host));
    asked.resume().on('end', () => response.end('{"code":0}'));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server?.closeAllConnections();
  server?.close();
});

let [proxy, proxyUrl] = [new ConnectProxy(), ''];
beforeEach(async () => {
  [taken, proxy] = [[], new ConnectProxy()];
  proxyUrl = await proxy.listen();
});
afterEach(() => proxy.close());

/** What a process says that was started with an environment: of a stream of the application's, and of one of a tenant's. */
async function posted(env: Record<string, string>, host = '127.0.0.1'): Promise<unknown[]> {
  const child = fork(compiledPath('test/support/streams/posting-process.ts'), [`https://${host}:${port}`], {
    execArgv: [],
    env: { PATH: process.env['PATH'], ...env },
    silent: true,
  });
  const ended = once(child, 'exit').then(([code]) => [`it ended with ${code}`]);
  const [told] = (await Promise.race([once(child, 'message'), ended])) as [unknown[]];
  return told;
}

const REFUSED = 'its address leads to a private, link-local or loopback network';

describe('a process whose environment', () => {
  it('names the certificate of an own authority trusts it, and no other does', async () => {
    expect(await posted({ NODE_EXTRA_CA_CERTS: certificate.certFile })).toEqual([
      { result: 'taken' },
      REFUSED,
    ]);
    expect(await posted({})).toEqual([expect.stringMatching(/self-signed certificate/), REFUSED]);
  });

  it('names a proxy delivers by it where this Node.js does, tenants aside, whom it leads nowhere', async () => {
    const env = {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: proxyUrl,
      HTTP_PROXY: proxyUrl,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
    };
    // A name that the proxy alone leads somewhere.
    const [open, guarded] = await posted(env, 'siem.example');
    if (HAS_ENV_PROXY) expect(open).toEqual({ result: 'taken' });
    else expect(open).toMatch(/siem\.example/);
    expect(guarded).toMatch(/siem\.example/); // that it looked up itself
    expect(await posted(env)).toEqual([expect.anything(), REFUSED]);
    expect(new Set(proxy.asked)).toEqual(
      new Set(HAS_ENV_PROXY ? [`siem.example:${port}`, `127.0.0.1:${port}`] : []),
    );
  });
});

describe('an application that has set a dispatcher', () => {
  let own: unknown;
  // Node.js makes its own when it is needed first, and never again.
  beforeAll(async () => {
    await fetch('data:,');
    own = world[DISPATCHER];
    assert(own, 'fetch: has made a dispatcher');
  });
  afterEach(() => (world[DISPATCHER] = own));

  /** As undici's `ProxyAgent`: by CONNECT, then TLS with the certificate of an own authority. */
  function setProxy(): void {
    const Agent = (own as object).constructor as new (options: object) => unknown;
    world[DISPATCHER] = new Agent({
      connect: ({ hostname, port: to }: { hostname: string; port: string }, done: Connected) => {
        const asked = request(proxyUrl, { method: 'CONNECT', path: `${hostname}:${to}`, agent: false });
        asked.on('error', (error) => done(error));
        asked.on('connect', ({ statusCode }, socket) => {
          if (statusCode !== 200) return done(new Error(`the proxy answered ${statusCode}`));
          const tls = connect({ socket, servername: hostname, ca: certificate.cert }, () => done(null, tls));
          tls.on('error', (error) => done(error));
        });
        asked.end();
      },
    });
  }
  type Connected = (error: Error | null, socket?: Socket) => void;

  const delivered = async (host: string, network: Network) => {
    const to = splunk({ url: `https://${host}:${port}`, token: 'hunter2-token' });
    const means = new DeliveryMeans(network, AbortSignal.timeout(60_000), Date.now);
    return to.deliver(pieces(to, 1), means).catch((error: unknown) => means.describe(reasonOf(error)));
  };

  it('delivers by its proxy, which sees the name and no more', async () => {
    setProxy();
    expect(await delivered('siem.example', OPEN_NETWORK)).toEqual({ result: 'taken' });
    expect([proxy.asked, taken]).toEqual([[`siem.example:${port}`], [`siem.example:${port}`]]);
  });

  it('is told what the proxy says', async () => {
    setProxy();
    proxy.status = 407;
    expect(await delivered('siem.example', OPEN_NETWORK)).toMatch(/407/);
    expect(taken).toEqual([]);
  });

  it('has tenants reach public addresses without it, and no inner ones by it', async () => {
    setProxy();
    const parts = {
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
      ca: certificate.cert,
    };
    const outside = new GuardedNetwork({ ...parts, isPublic: () => true });
    expect(await delivered('siem.example', outside)).toEqual({ result: 'taken' });
    expect(taken).toEqual([`siem.example:${port}`]);
    const guarded = new GuardedNetwork();
    for (const host of ['127.0.0.1', 'localhost', '[::1]'])
      expect(await delivered(host, guarded)).toBe(REFUSED);
    const [one, other] = ['8.8.8.8', '127.0.0.1'];
    const twoFaced = new GuardedNetwork({
      resolve: () => Promise.resolve([one, other].map((address) => ({ address, family: 4 }))),
      isPublic: (address) => address === one,
    });
    expect(await delivered('siem.example', twoFaced)).toBe(REFUSED);
    expect([proxy.asked, taken]).toEqual([[], [`siem.example:${port}`]]);
  });
});
