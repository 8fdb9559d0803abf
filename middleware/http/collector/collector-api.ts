import { AuditError } from '../../../lib/errors';
import type { Actor } from '../../../lib/event/event';
import { coversTenant, onlyTenant } from '../../../lib/keys/key-tenants';
import type { Ledger } from '../../../lib/ledger';
import { Allowance } from '../allowance';
import { type Answer, json, tagged } from '../api/answer';
import { answerRoute } from '../api/answer-route';
import type { Answering } from '../api/answering';
import type { Asked } from '../api/asked';
import { parseParameters } from '../api/parameters';
import { patientAnswer } from '../api/patient-body';
import { Problem, problemAnswer, toProblem } from '../api/problem';
import { ReadingLimits } from '../api/reading-limits';
import type { RecordAccess } from '../api/record-access';
import { silence } from '../api/record-refusal';
import { createRoutes, type Route } from '../api/routes';
import { assertScope, authenticate, forbidden, type GivenKey, noteRefusal } from './authentication';
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
  readonly #reading = new ReadingLimits();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { ledger, limits } = parts;
    if (ledger.isReadOnly)
      throw new AuditError(
        'INVALID_OPTIONS',
        'auditCollector: the ledger is read-only: give it one that records.',
      );
    const routes = createRoutes().filter(({ path }) => READS.has(path));
    const document = json(collectorOpenApi(routes, limits), { 'Cache-Control': 'private, no-cache' });
    const read = ['GET', 'HEAD'];
    const places: [path: string, methods: string[], answer: Place['answer']][] = [
      [
        '/events',
        ['POST'],
        (asked) => this.#admitted(asked, '/events', (given) => this.#answerEvents(asked, given)),
      ],
      ['/keys/me', read, (asked) => this.#admitted(asked, '/keys/me', (given) => this.#answerKey(given))],
      ['/openapi.json', read, () => Promise.resolve(document)],
      ...routes.map((route): [string, string[], Place['answer']] => [
        route.path,
        read,
        (asked, name) =>
          this.#admitted(asked, route.path, (given) => this.#answerRead(route, asked, name, given)),
      ]),
    ];
    this.#places = places.map(([path, methods, answer]) => ({
      pattern: patternOf(path),
      path,
      methods,
      answer,
    }));
    const clock = () => performance.now();
    const detail = 'This key sends too much at a time: send it again later, with the same id.';
    this.#requests = new Allowance(limits.requestsPerSecond, clock, detail);
    this.#events = new Allowance(limits.eventsPerSecond, clock, detail);
  }

  /** Answers in any case: what fails is reported, and answered with a problem (RFC 9457). */
  async answer(asked: Asked): Promise<Answer> {
    // Not a refused request of the application's own users: what is refused here is told of in the ledger's own chain.
    silence(asked);
    const place = this.#places.find(({ pattern }) => pattern.test(asked.path));
    const answer = await this.#answerAt(place, asked);
    const counted = `${place?.path ?? 'none'} ${answer.status}`;
    this.counts.answers.set(counted, (this.counts.answers.get(counted) ?? 0) + 1);
    return patientAnswer({ ...answer, headers: { ...HEADERS, ...answer.headers } }, asked);
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

  async #answerEvents(asked: Asked, { key }: GivenKey): Promise<Answer> {
    const { ledger, limits, patience } = this.#parts;
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

  #answerKey({ key, prefix }: GivenKey): Answer {
    const { id, scopes, tenants, expiresAt } = key;
    return json({ id, prefix, scopes, tenants, expiresAt });
  }

  async #answerRead(route: Route, asked: Asked, name: string, given: GivenKey): Promise<Answer> {
    const { ledger, recordAccess } = this.#parts;
    const permission = route.permission ?? 'read';
    assertScope(given, permission);
    const { tenantId, query: others } = tenantOf(given, asked.query);
    const query = parseParameters({ url: `?${others}` }, route.query);
    const { id, name: keyName, scopes } = given.key;
    const actor: Actor = { id, type: 'service', name: keyName };
    const reader = { tenantId, actor };
    const permissions = () => Promise.resolve(scopes.filter((scope) => scope !== 'write'));
    const wanted = { ledger, ...reader, query, name, asked, permissions };
    return answerRoute(route, wanted, { recordAccess, limits: this.#reading, holder: {} });
  }

  /** Answers who has a key. What it may not do, or does too often, the ledger's own chain tells, as it does of wrong keys. */
  async #admitted(
    asked: Asked,
    route: string,
    answer: (given: GivenKey) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    const { ledger } = this.#parts;
    const given = await authenticate(ledger, asked, route);
    try {
      this.#requests.take(given.key.id);
      return await answer(given);
    } catch (error) {
      const { status, code } = toProblem(error);
      if (status === 403) noteRefusal(ledger, asked, route, 'not allowed', given.key.id);
      if (status === 429 && code === undefined)
        noteRefusal(ledger, asked, route, 'too many requests', given.key.id);
      throw error;
    }
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
