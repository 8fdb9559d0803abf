import { AuditError } from '../../../lib/errors';
import { findScope } from '../request-scope';
import { type AdmissionParts, admit, identifyReader, listPermissions } from './admission';
import { type Answer, json, tagged } from './answer';
import type { Asked } from './asked';
import { openApi } from './openapi';
import { parseParameters } from './parameters';
import { framedBy, type PageSettings, withSettings } from './page-settings';
import { Problem, problemAnswer, toProblem } from './problem';
import { type RecordAccess, recordRead } from './record-access';
import { createRoutes, type Route } from './routes';
import { redirectToPage, VIEWER_FILES, type ViewerFile, viewerAnswer } from './viewer-files';

/** What the router needs: its options, checked. */
export interface TrailParts extends AdmissionParts {
  recordAccess: RecordAccess;
  page: PageSettings;
}

/** Of every answer; a page has a policy of its own. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const UNRECORDED =
  "auditRouter: the ledger is read-only and cannot record each read: leave out `recordAccess: 'all'`, or mount it " +
  'where the ledger records.';

/** A page of the trail: one that needs no permission, or a route of the API. */
type Page = (asked: Asked, name: string) => Promise<Answer>;

/**
 * A read-only HTTP API for one tenant's trail, and its web page, as a function from a request to an answer. The server
 * chooses the tenant, never the query.
 */
export class TrailApi {
  /** The paths that there are below the mount, such as `/entries/:id`. */
  readonly paths: readonly string[];
  readonly #pages: readonly { pattern: RegExp; page: Page }[];
  readonly #parts: TrailParts;

  constructor(parts: TrailParts) {
    this.#parts = parts;
    const { ledger } = parts;
    if (ledger.isReadOnly && parts.recordAccess === 'all')
      throw new AuditError('INVALID_OPTIONS', UNRECORDED);
    const routes = createRoutes(shared((tenantId) => ledger.verify({ tenantId })));
    const api = json(openApi(routes), { 'Cache-Control': 'private, no-cache' });
    const pages: [path: string, page: Page][] = [
      ...routes.map((route): [string, Page] => [
        route.path,
        (asked, name) => this.#answerRoute(route, asked, name),
      ]),
      ['/openapi.json', () => Promise.resolve(api)],
      ['/', (asked) => this.#answerPage(asked)],
      ['/trail.html', (asked) => this.#answerPage(asked)],
      ...VIEWER_FILES.map((file): [string, Page] => [`/${file}`, () => this.#answerFile(file)]),
    ];
    this.paths = pages.map(([path]) => path);
    this.#pages = pages.map(([path, page]) => ({ pattern: patternOf(path), page }));
  }

  /** Answers in any case: what fails is reported, and answered with a problem (RFC 9457). */
  async answer(asked: Asked): Promise<Answer> {
    // With the middleware of two ledgers, the scope of this router's ledger may be the outer one.
    for (let scope = findScope(asked.holder); scope; scope = scope.outer) scope.silent = true;
    try {
      return withHeaders(tagged(await this.#find(asked), asked));
    } catch (error) {
      return this.problem(error);
    }
  }

  /** The answer for what a framework could not do with a request to the trail. */
  problem(error: unknown): Answer {
    const problem = toProblem(error);
    if (problem.status >= 500) this.report(error);
    return withHeaders(problemAnswer(problem));
  }

  /** Reports what fails while a body is sent. */
  report(error: unknown): void {
    this.#parts.ledger.report(error instanceof Error ? error : new Error(String(error)));
  }

  async #find(asked: Asked): Promise<Answer> {
    const { method, path } = asked;
    if (method !== 'GET' && method !== 'HEAD') return notAllowed(method);
    if (path === '') return redirectToPage(asked);
    for (const { pattern, page } of this.#pages) {
      const match = pattern.exec(path);
      if (match) return page(asked, decodeURIComponent(match[1] ?? ''));
    }
    throw new Problem(404, 'There is no such page in the audit trail.');
  }

  async #answerRoute(route: Route, asked: Asked, name: string): Promise<Answer> {
    const parts = this.#parts;
    const { ledger, recordAccess } = parts;
    const { permission } = route;
    const admitted = await (permission === null
      ? identifyReader(parts, asked)
      : admit(parts, asked, permission));
    const query = parseParameters({ url: `?${asked.query}` }, route.query);
    if (route.showsEntries && recordAccess === 'all')
      await recordRead(ledger, asked.holder, admitted, {
        route: route.path,
        resource: name || undefined,
        query,
      });
    const recordsExports = recordAccess !== 'none' && !ledger.isReadOnly;
    const permissions = () => listPermissions(parts, asked);
    return route.answer({ ledger, ...admitted, query, name, asked, recordsExports, permissions });
  }

  /**
   * Gives the page in any case: without permission its status is 401 or 403, and the page itself shows why. One that asks
   * for a token cannot have it yet.
   */
  async #answerPage(asked: Asked): Promise<Answer> {
    const { page } = this.#parts;
    const answer = await this.#answerFile('index.html');
    const body = withSettings(answer.body as string, page);
    return { ...answer, body, status: page.bearer ? 200 : await this.#statusOf(asked) };
  }

  /** A file of the page, which others may frame as its settings say. */
  async #answerFile(file: ViewerFile): Promise<Answer> {
    const answer = await viewerAnswer(file);
    const policy = framedBy(answer.headers['Content-Security-Policy'] ?? '', this.#parts.page);
    return { ...answer, headers: { ...answer.headers, 'Content-Security-Policy': policy } };
  }

  async #statusOf(asked: Asked): Promise<number> {
    try {
      await admit(this.#parts, asked, 'read');
      return 200;
    } catch (error) {
      const { status } = toProblem(error);
      if (status >= 500) throw error;
      return status;
    }
  }
}

function notAllowed(method: string): Answer {
  const problem = new Problem(405, `The audit trail is read-only: ${method} is not allowed.`);
  const answer = problemAnswer(problem);
  return { ...answer, headers: { ...answer.headers, Allow: 'GET, HEAD' } };
}

function withHeaders(answer: Answer): Answer {
  return { ...answer, headers: { ...HEADERS, ...answer.headers } };
}

/** `/entries/:id`, as Express matches it: in any case, also with a slash at its end. */
function patternOf(path: string): RegExp {
  const escaped = path.replace(/\/$/, '').replaceAll('.', '\\.');
  return new RegExp(`^${escaped.replace(/:\w+/, '([^/]+)')}/?$`, 'i');
}

/** Runs once at a time for each tenant: concurrent calls get the same promise. */
function shared<T>(run: (tenantId: string) => Promise<T>): (tenantId: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (tenantId) => {
    const current = running.get(tenantId) ?? run(tenantId).finally(() => running.delete(tenantId));
    running.set(tenantId, current);
    return current;
  };
}
