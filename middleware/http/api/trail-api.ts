import { AuditError } from '../../../lib/errors';
import { type AdmissionParts, admit, identifyReader, identityOf, listPermissions } from './admission';
import { isRefusalStatus } from '../capture';
import { type Answer, json, tagged, tagOf } from './answer';
import { answerRoute, isDear } from './answer-route';
import type { Asked } from './asked';
import { openApi } from './openapi';
import { parseParameters } from './parameters';
import { framedBy, type PageSettings, withSettings } from './page-settings';
import { patientAnswer } from './patient-body';
import { Problem, problemAnswer, toProblem } from './problem';
import { ReadingLimits, type TrailLimits } from './reading-limits';
import type { RecordAccess } from './record-access';
import { recordRefusal, silence } from './record-refusal';
import { createRoutes, type Route } from './routes';
import { assertInvited } from './uninvited';
import { redirectToPage, VIEWER_FILES, type ViewerFile, viewerAnswer } from './viewer-files';

/** What the router needs: its options, checked. */
export interface TrailParts extends AdmissionParts {
  recordAccess: RecordAccess;
  limits: Partial<TrailLimits>;
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
  readonly #limits: ReadingLimits;
  #page: { file: Answer['body']; answer: Answer } | undefined;

  constructor(parts: TrailParts) {
    this.#parts = parts;
    const { ledger } = parts;
    if (ledger.isReadOnly && parts.recordAccess === 'all')
      throw new AuditError('INVALID_OPTIONS', UNRECORDED);
    this.#limits = new ReadingLimits(parts.limits);
    const routes = createRoutes();
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
    silence(asked);
    try {
      return patientAnswer(withHeaders(tagged(await this.#find(asked), asked)), asked);
    } catch (error) {
      return this.problem(error);
    }
  }

  /** The answer for what a framework could not do with a request to the trail. */
  problem(error: unknown): Answer {
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof Problem)) this.report(error);
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
    assertInvited(asked, { isDear: isDear(route, this.#parts.recordAccess) });
    try {
      return await this.#answerInvited(route, asked, name);
    } catch (error) {
      this.#noteRefusal(asked, route.path, toProblem(error).status);
      throw error;
    }
  }

  async #answerInvited(route: Route, asked: Asked, name: string): Promise<Answer> {
    const parts = this.#parts;
    const { ledger, recordAccess } = parts;
    const { permission } = route;
    const admitted = await (permission === null
      ? identifyReader(parts, asked)
      : admit(parts, asked, permission));
    const query = parseParameters({ url: `?${asked.query}` }, route.query);
    const permissions = () => listPermissions(parts, asked);
    const wanted = { ledger, ...admitted, query, name, asked, permissions };
    return answerRoute(route, wanted, { recordAccess, limits: this.#limits, holder: asked.holder });
  }

  /** Who may not look, or looks too often, is told of like who is refused elsewhere in the application. */
  #noteRefusal(asked: Asked, route: string, status: number): void {
    if (!isRefusalStatus(status)) return;
    try {
      recordRefusal(this.#parts.ledger, asked, identityOf(this.#parts, asked), { route, status });
    } catch (error) {
      this.report(error);
    }
  }

  /**
   * Gives the page in any case: without permission its status is 401 or 403, and the page itself shows why. One that asks
   * for a token cannot have it yet.
   */
  async #answerPage(asked: Asked): Promise<Answer> {
    const { page } = this.#parts;
    // Whose pages may frame it, browsers are told by its policy.
    if (page.frameAncestors.length === 0) assertInvited(asked, { isDear: false });
    const answer = await this.#pageAnswer();
    return { ...answer, status: page.bearer ? 200 : await this.#statusOf(asked) };
  }

  /** The page with its settings: made once, since anybody may ask for it. */
  async #pageAnswer(): Promise<Answer> {
    const file = await this.#answerFile('index.html');
    if (this.#page?.file === file.body) return this.#page.answer;
    const body = withSettings(file.body as string, this.#parts.page);
    const answer = { ...file, headers: { ...file.headers, ETag: tagOf(body) }, body };
    this.#page = { file: file.body, answer };
    return answer;
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
      this.#noteRefusal(asked, '/', status);
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
