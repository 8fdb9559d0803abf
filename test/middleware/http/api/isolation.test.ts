import type { RequestHandler } from 'express';
import type { Connection } from 'mongoose';
import { type Audit, auditRouter, type Entry } from '../../../../index';
import { formatCursor } from '../../../../lib/read/cursor';
import { mapConcurrently } from '../../../../lib/util/concurrency';
import { quote } from '../../../../lib/util/quote';
import { connect } from '../../../support/connection';
import { FORMATS, SIGNING } from '../../../support/evidence';
import { EventReader } from '../../../support/event-reader';
import { EXPRESSES, serve } from '../../../support/served';
import { sized } from '../../../support/sized';
import { testLedger, type TestLedger } from '../../../support/served-ledger';

/** Names that would run into one another where a tenant were a prefix, a pattern, or decoded or folded on the way. */
const NAMES = ['a', 'a:b', 'a%3Ab', 'A', 'ａ', ' ', 'a*', '__proto__'];

/** Who attacks whom, one pair for each version of Express. */
const PAIRS = [
  ['a', 'a:b'],
  ['A', 'a'],
] as const;
const ATTACKS = EXPRESSES.map(([name, express], i) => [name, express, i, ...PAIRS[i]!] as const);

const HEADERS = ['Last-Event-ID', 'If-None-Match', 'X-Tenant', 'X-Tenant-Id', 'Cookie'];

/** Of how many versions of Express each request is sent to one: all are sent, but not to both. */
const SHARE = sized(2, 1);

/** How long a stream is listened to that may have nothing to say, in milliseconds. */
const LISTEN = 60;

interface Parameter {
  name: string;
  in: 'path' | 'query';
}
interface Answer {
  status: number;
  text: string;
  etag: string | null;
}
/** What a tenant has learned of its own trail: it names something there, and `never` nothing anywhere. */
interface Name {
  value: string;
  never: string | null;
}
/** The places of a request. */
interface Asked {
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
}

/** Signs in by a session that says nothing of the tenant. */
const signIn: RequestHandler = (req, _res, next) => {
  const session = req.get('x-session');
  if (session !== undefined) Object.assign(req, { user: { id: 'ada', tenantId: NAMES[Number(session)] } });
  next();
};

/** In each text of a tenant's entries, and in nobody else's. */
const secretOf = (tenant: string) => `s3cret-of-${NAMES.indexOf(tenant)}-`;

/** Three entries and more, so that tenants have different sizes. */
function eventsOf(tenantId: string): Parameters<Audit['event']>[0][] {
  const secret = secretOf(tenantId);
  const others = Array.from({ length: 1 + NAMES.indexOf(tenantId) }, (_, n) => ({
    tenantId,
    id: `b:own-${n}-${secret}`, // of `a` as good as `own-…` of `a:b`, if it were not for the encoding
    action: `${secret}action.${n}`,
    actor: { id: `${secret}actor`, name: `${secret}name`, onBehalfOf: `${secret}other` },
    resource: { id: `${secret}resource`, type: `${secret}type`, name: `${secret}thing` },
    context: { requestId: `${secret}request`, userAgent: `${secret}agent` },
    before: { [`${secret}key`]: `${secret}before` },
    after: `${secret}after`,
    metadata: { list: [`${secret}list`] },
  }));
  return [
    { tenantId, id: 'same', action: 'same', metadata: { secret } },
    { tenantId, action: 'same', outcome: 'denied', metadata: { secret } },
    ...others,
  ];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...stringsIn(member)]);
}

/** As a header may hold it. */
const escaped = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');

/** JSON without a text in its texts. */
const withoutText = (json: string, text: string) => json.replaceAll(JSON.stringify(text).slice(1, -1), '#');

/** An answer's text begins with a line of its headers. */
const bodyOf = (text: string) => text.slice(text.indexOf('\n') + 1);

describe.each(ATTACKS)('tenants of one auditRouter in %s', (_name, express, version, reader, owner) => {
  let connection: Connection;
  let ledger: TestLedger;
  let audit: Audit;
  const sizes = new Map<string, number>();
  beforeAll(async () => {
    connection = await connect();
    ledger = testLedger(connection, SIGNING);
    audit = ledger.audit;
    const batch = audit.batch();
    for (const tenant of NAMES) for (const event of eventsOf(tenant)) batch.event(event);
    await batch.commit();
    for (const tenant of NAMES) {
      await audit.checkpoint(tenant);
      sizes.set(tenant, eventsOf(tenant).length);
    }
  });
  afterEach(() => expect(ledger.errors).toEqual([]));

  async function served(recordAccess: 'none' | 'all' = 'none') {
    const app = express();
    app.set('env', 'test');
    app.use('/audit', signIn, auditRouter({ audit, recordAccess }));
    return `${(await serve(app)).url}/audit`;
  }

  const session = (tenant: string) => ({ 'X-Session': `${NAMES.indexOf(tenant)}` });

  async function ask(url: string, tenant: string, { path, query = {}, headers = {} }: Asked, method = 'GET') {
    const leave = new AbortController();
    const address = `${url}${path}?${new URLSearchParams(query).toString()}`;
    const { signal } = leave;
    const response = await fetch(address, { method, headers: { ...headers, ...session(tenant) }, signal });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const timer = isStream ? setTimeout(() => leave.abort(), LISTEN) : undefined;
    let text = '';
    try {
      const chunks = response.body?.pipeThrough(new TextDecoderStream()) as AsyncIterable<string> | null;
      for await (const chunk of chunks ?? []) text += chunk;
    } catch (error) {
      if (!leave.signal.aborted) throw error;
    }
    clearTimeout(timer);
    const head = JSON.stringify([...response.headers].filter(([name]) => name !== 'date'));
    return { status: response.status, text: `${head}\n${text}`, etag: response.headers.get('etag') };
  }

  /** The routes with their parameters, from the description, so that none is forgotten. */
  async function routesAt(url: string): Promise<[string, Parameter[]][]> {
    const api = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<string, { get: { parameters: Parameter[] } }>;
    };
    return Object.entries(api.paths).map(([path, { get }]) => [path, get.parameters]);
  }

  const entriesOf = async (url: string, tenant: string) => {
    const { text } = await ask(url, tenant, { path: '/entries', query: { limit: '1000', order: 'asc' } });
    return (JSON.parse(bodyOf(text)) as { entries: Entry[] }).entries;
  };

  /** What a tenant can name in its trail, and texts that nobody else may see. */
  async function learn(url: string, tenant: string): Promise<{ names: Name[]; texts: string[] }> {
    const entries = (await entriesOf(url, tenant)).slice(0, sizes.get(tenant)); // no exports of other tests
    const entry = entries[2]!; // the first that has a secret in each member
    const own = (path: string, query: Record<string, string> = {}) => ask(url, tenant, { path, query });
    const proof = await own(`/entries/${encodeURIComponent(entry.id)}/proof`);
    const checkpoint = bodyOf((await own('/checkpoint')).text);
    const { etag } = await own('/entries');
    const { nextCursor } = JSON.parse(bodyOf((await own('/entries', { limit: '1' })).text)) as {
      nextCursor: string;
    };
    const { verifierKey } = JSON.parse(bodyOf((await own('/session')).text)) as { verifierKey: string };
    expect(proof.status).toBe(200);
    const named = [entry.id, entry.action, entry.hash, etag!];
    named.push(checkpoint.split('\n').at(-2)!);
    return {
      names: [
        ...named.map((value) => ({ value, never: value.replace(/[0-9a-z]/gi, 'q') })),
        { value: `${sizes.get(tenant)}`, never: null },
        ...[nextCursor, formatCursor(2, 'asc'), tenant].map((value) => ({ value, never: null })),
      ],
      texts: [...entries.flatMap(stringsIn), ...bodyOf(proof.text).split('\n'), ...checkpoint.split('\n')]
        .concat(verifierKey, etag!)
        .filter(
          (text) =>
            text.length > 8 && !/^audit\.example\.com\/[^+]*$/.test(text) && !/^\d{4}-\d\d-\d\dT/.test(text),
        ),
    };
  }

  /** A request for each place of each route that a name can be put in. */
  function requestsWith(routes: [string, Parameter[]][], name: string, own: string): Asked[] {
    const fill = (path: string, text: string) => path.replace(/\{\w+\}/, encodeURIComponent(text));
    return routes.flatMap(([path, parameters]) => {
      const quiet = path === '/export' ? { proof: 'false' } : {};
      const names = parameters
        .filter(({ in: place }) => place === 'query')
        .map((parameter) => parameter.name);
      return [
        ...(path.includes('{') ? [{ path: fill(path, name) }, { path: fill(path, `${own}:${name}`) }] : []),
        ...[...names, 'tenantId'].map((parameter) => ({
          path: fill(path, 'same'),
          query: { ...quiet, [parameter]: name },
        })),
        {
          path: fill(path, 'same'),
          query: quiet,
          headers: Object.fromEntries(HEADERS.map((field) => [field, escaped(name)])),
        },
      ];
    });
  }

  const sentIn = (asked: Asked) => JSON.stringify([asked, decodeURIComponent(asked.path)]);

  function expectNothingOf(texts: string[], { text }: Answer, sent: string): void {
    for (const secret of texts) {
      if (text.includes(secret) && !sent.includes(JSON.stringify(secret).slice(1, -1)))
        throw new Error(`${secret} in ${text}, for ${sent}`);
    }
  }

  /** An answer without what was asked for, which it may repeat. Where a stream begins does not depend on it. */
  const withoutName = ({ status, text }: Answer, name: string) =>
    text.startsWith('[["cache-control","no-store, no-transform"')
      ? { status }
      : { status, body: [JSON.stringify(name).slice(1, -1), quote(name)].reduce(withoutText, bodyOf(text)) };

  it('are shown nothing of one another, by whatever name', async () => {
    const url = await served();
    const routes = await routesAt(url);
    expect(routes.length).toBeGreaterThanOrEqual(11);
    const { names, texts } = await learn(url, owner);
    const own = new Set((await learn(url, reader)).texts);
    const secrets = texts.filter((text) => !own.has(text));
    expect(secrets.length).toBeGreaterThan(15);
    const statuses = new Set<number>();
    await mapConcurrently(names, async ({ value, never }) => {
      const others = requestsWith(routes, never ?? value, reader);
      for (const [i, asked] of requestsWith(routes, value, reader).entries()) {
        if (i % SHARE !== version % SHARE) continue;
        const answer = await ask(url, reader, asked);
        expectNothingOf(secrets, answer, sentIn(asked));
        statuses.add(answer.status);
        if (never === null) continue;
        const none = await ask(url, reader, others[i]!);
        expect(withoutName(answer, value)).toEqual(withoutName(none, never));
      }
    });
    expect([...statuses].sort()).toEqual([200, 400, 404]);
  });

  it('export nothing of one another', async () => {
    const url = await served();
    const { texts } = await learn(url, owner);
    const own = new Set((await learn(url, reader)).texts);
    const secrets = texts.filter((text) => !own.has(text));
    for (const format of FORMATS)
      for (const proof of ['true', 'false']) {
        const asked = { path: '/export', query: { format, proof } };
        const answer = await ask(url, reader, asked);
        expect(answer.status).toBe(200);
        expect(answer.text).toContain(secretOf(reader));
        expectNothingOf(secrets, answer, '');
        expectNothingOf(secrets, await ask(url, reader, asked, 'HEAD'), '');
      }
  });

  it('asking all at once get their own, also where they share work', async () => {
    const url = await served('all');
    const routes = (await routesAt(url)).map(([path]) => path.replace(/\{\w+\}/, 'same'));
    const texts = new Map<string, string[]>();
    for (const tenant of NAMES) texts.set(tenant, (await learn(url, tenant)).texts);
    const isOwn = (tenant: string, text: string) => texts.get(tenant)!.includes(text);
    await Promise.all(
      [...routes, '/verify', '/chain/1', '/actions'].flatMap((path) =>
        NAMES.map(async (tenant) => {
          const answer = await ask(url, tenant, { path });
          for (const other of NAMES) {
            const secrets = texts.get(other)!.filter((text) => other !== tenant && !isOwn(tenant, text));
            expectNothingOf(secrets, answer, '');
          }
          if (path === '/verify')
            expect(JSON.parse(bodyOf(answer.text))).toMatchObject({ tenantId: tenant, verdict: 'intact' });
        }),
      ),
    );
  });

  it('following at the same time get each their own, from wherever', async () => {
    const url = await served();
    const after = formatCursor(99, 'asc');
    const readers = NAMES.map((tenant) => ({
      tenant,
      reader: new EventReader(`${url}/stream`, { ...session(tenant), 'Last-Event-ID': after }),
    }));
    for (const { reader } of readers) await reader.open();
    const batch = audit.batch();
    for (let n = 0; n < 5; n++)
      for (const tenantId of NAMES) batch.event({ tenantId, action: `${secretOf(tenantId)}live` });
    await batch.commit();
    for (const { tenant, reader } of readers) {
      for (const entry of await reader.entries(5))
        expect(entry).toMatchObject({ tenantId: tenant, action: `${secretOf(tenant)}live` });
      reader.close();
    }
  });
});
