import { AuditError } from '../../../lib/errors';
import type { Actor } from '../../../lib/event/event';
import { coversTenant, onlyTenant } from '../../../lib/keys/key-tenants';
import type { Ledger } from '../../../lib/ledger';
import { type Answer, json, tagged } from '../api/answer';
import type { Answering } from '../api/answering';
import type { Asked } from '../api/asked';
import { parseParameters } from '../api/parameters';
import { Problem, problemAnswer, toProblem } from '../api/problem';
import { type RecordAccess, recordRead } from '../api/record-access';
import { createRoutes, type Route } from '../api/routes';
import { findScope } from '../request-scope';
import { Allowance } from './allowance';
import { assertScope, authenticate, forbidden, type GivenKey } from './authentication';
import { noteClockSkew } from './clock-skew';
import { collectorOpenApi } from './collector-openapi';
import { readJson } from './read-json';
import { recordEvents, type Result } from './record-events';
import { readEvents, type RequestLimits } from './sent-events';
import { storeAway } from './store-away';

/** Bounds of the collector. */
export interface CollectorLimits extends RequestLimits {
  /** Requests that a key may make in a second, of each process. */
  requestsPerSecond: number;
  /** Events that it may send in a second. */
  eventsPerSecond: number;
}

/** What the collector needs: its options, checked. */
export interface CollectorParts {
  ledger: Ledger;
  limits: CollectorLimits;
  recordAccess: RecordAccess;
  /** How long an answer waits for its events to become durable, in milliseconds. */
  patience: number;
}

/** The routes of the trail that keys can read. */
const READS: ReadonlySet<string> = new Set(['/entries', '/entries/:id', '/export', '/verify', '/checkpoint']);

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
};

/** One path of the collector. */
interface Place {
  pattern: RegExp;
  /** As it is written in the documentation. */
  path: string;
  methods: readonly string[];
  answer: (asked: Asked, name: string) => Promise<Answer>;
}

/**
 * Takes events from services that hold no database, and gives them their tenants' trails, as a function from a request to
 * an answer. A key decides on the tenant, and the request itself leaves no trace in what it records.
 */
export class CollectorApi implements Answering {
  /** Requests that were answered, by route and status; events that are durable. For metrics. */
  readonly counts = { answers: new Map<string, number>(), events: 0 };
  readonly #parts: CollectorParts;
  readonly #places: readonly Place[];
  readonly #requests: Allowance;
  readonly #events: Allowance;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { ledger, limits } = parts;
    if (ledger.isReadOnly)
      throw new AuditError(
        'INVALID_OPTIONS',
        'auditCollector: the ledger is read-only: give it one that records.',
      );
    const routes = createRoutes((tenantId) => ledger.verify({ tenantId })).filter(({ path }) =>
      READS.has(path),
    );
    const document = json(collectorOpenApi(routes, limits), { 'Cache-Control': 'private, no-cache' });
    const read = ['GET', 'HEAD'];
    const places: [path: string, methods: string[], answer: Place['answer']][] = [
      ['/events', ['POST'], (asked) => this.#answerEvents(asked)],
      ['/keys/me', read, (asked) => this.#answerKey(asked)],
      ['/openapi.json', read, () => Promise.resolve(document)],
      ...routes.map((route): [string, string[], Place['answer']] => [
        route.path,
        read,
        (asked, name) => this.#answerRead(route, asked, name),
      ]),
    ];
    this.#places = places.map(([path, methods, answer]) => ({
      pattern: patternOf(path),
      path,
      methods,
      answer,
    }));
    const clock = () => performance.now();
    this.#requests = new Allowance(limits.requestsPerSecond, clock);
    this.#events = new Allowance(limits.eventsPerSecond, clock);
  }

  /** Answers in any case: what fails is reported, and answered with a problem (RFC 9457). */
  async answer(asked: Asked): Promise<Answer> {
    // Not a refused request of the application's own users: what is refused here is told of in the ledger's own chain.
    for (let scope = findScope(asked.holder); scope; scope = scope.outer) scope.silent = true;
    const place = this.#places.find(({ pattern }) => pattern.test(asked.path));
    const answer = await this.#answerAt(place, asked);
    const counted = `${place?.path ?? 'none'} ${answer.status}`;
    this.counts.answers.set(counted, (this.counts.answers.get(counted) ?? 0) + 1);
    return { ...answer, headers: { ...HEADERS, ...answer.headers } };
  }

  report(error: unknown): void {
    this.#parts.ledger.report(error instanceof Error ? error : new Error(String(error)));
  }

  async #answerAt(place: Place | undefined, asked: Asked): Promise<Answer> {
    try {
      if (!place) throw new Problem(404, 'There is no such path in the collector.');
      if (!place.methods.includes(asked.method)) throw notAllowed(place, asked.method);
      const name = decodeURIComponent(place.pattern.exec(asked.path)?.[1] ?? '');
      return tagged(await place.answer(asked, name), asked);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status === 500) this.report(error);
      return problemAnswer(problem);
    }
  }

  async #answerEvents(asked: Asked): Promise<Answer> {
    const { ledger, limits, patience } = this.#parts;
    const { key } = await this.#admit(asked, '/events');
    assertScope({ key, prefix: '' }, 'write');
    parseParameters({ url: `?${asked.query}` }, {});
    const body = await readJson(asked, limits.bytes);
    const { drafts, areMany } = readEvents(ledger, key, body, asked.header('idempotency-key'), limits);
    this.#events.take(key.id, drafts.length);
    if (!ledger.isOpen) throw storeAway();
    noteClockSkew(ledger, asked, key, drafts, Date.now());
    const results = await recordEvents(ledger, drafts, patience);
    this.counts.events += results.filter((result) => 'receipt' in result).length;
    return areMany ? answerMany(results) : answerOne(results[0] as Result);
  }

  async #answerKey(asked: Asked): Promise<Answer> {
    const { key, prefix } = await this.#admit(asked, '/keys/me');
    const { id, scopes, tenants, expiresAt } = key;
    return json({ id, prefix, scopes, tenants, expiresAt });
  }

  async #answerRead(route: Route, asked: Asked, name: string): Promise<Answer> {
    const { ledger, recordAccess } = this.#parts;
    const given = await this.#admit(asked, route.path);
    const permission = route.permission ?? 'read';
    assertScope(given, permission);
    const { tenantId, query: others } = tenantOf(given, asked.query);
    const query = parseParameters({ url: `?${others}` }, route.query);
    const { id, name: keyName, scopes } = given.key;
    const actor: Actor = { id, type: 'service', name: keyName };
    if (route.showsEntries && recordAccess === 'all')
      await recordRead(
        ledger,
        {},
        { tenantId, actor },
        { route: route.path, resource: name || undefined, query },
      );
    const recordsExports = recordAccess !== 'none';
    const permissions = () => Promise.resolve(scopes.filter((scope) => scope !== 'write'));
    return route.answer({ ledger, tenantId, actor, query, name, asked, recordsExports, permissions });
  }

  async #admit(asked: Asked, route: string): Promise<GivenKey> {
    const given = await authenticate(this.#parts.ledger, asked, route);
    this.#requests.take(given.key.id);
    return given;
  }
}

/** The tenant that a read is about, and the other parameters. */
function tenantOf({ key }: GivenKey, query: string): { tenantId: string; query: string } {
  const parameters = new URLSearchParams(query);
  const named = parameters.getAll('tenantId');
  parameters.delete('tenantId');
  if (named.length > 1)
    throw new AuditError('INVALID_QUERY', 'The query is not valid: `tenantId` must be given once.');
  const tenantId = named[0] ?? onlyTenant(key.tenants);
  if (tenantId === undefined)
    throw new Problem(
      400,
      'Name the tenant, such as ?tenantId=acme: this key has several.',
      'TENANT_REQUIRED',
    );
  if (!coversTenant(key.tenants, tenantId)) throw forbidden();
  return { tenantId, query: parameters.toString() };
}

function answerOne(result: Result): Answer {
  if ('problem' in result) throw result.problem;
  return { ...json(result.receipt), status: result.isRepeated ? 200 : 201 };
}

/** A result for each, but where all of them have to wait: then the answer says so itself, and when to try again. */
function answerMany(results: readonly Result[]): Answer {
  const problems = results.flatMap((result) => ('problem' in result ? [result.problem] : []));
  const [first] = problems;
  const mustWait = problems.every(
    ({ status }) => status === first?.status && (status === 429 || status === 503),
  );
  if (first && problems.length === results.length && mustWait) throw first;
  return json({ results: results.map(resultOf) });
}

function resultOf(result: Result): object {
  if ('receipt' in result) return { receipt: result.receipt };
  const { status, code, message: detail } = result.problem;
  return { error: { code, status, detail } };
}

function notAllowed({ methods }: Place, method: string): Problem {
  const allow = methods.join(', ');
  return new Problem(405, `${method} is not allowed here: ${allow} is.`, undefined, {
    headers: { Allow: allow },
  });
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/, '([^/]+)')}/?$`);
}
