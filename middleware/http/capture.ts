import type { AuditEvent } from '../../lib/event/event';
import type { Outcome } from '../../lib/vocabulary';
import type { CaptureFacts } from './capture-facts';
import { tryDecode } from './request-target';

/**
 * On (what the rule says), off, or decided for each response: `true` records it, `undefined` leaves it to the rule.
 * `Sources` are what the framework has: of Express, a request and a response.
 */
export type CaptureSwitch<Sources extends readonly unknown[]> =
  boolean | ((...sources: Sources) => boolean | undefined);

/** What is recorded without a call in a handler. */
export interface CaptureOptions<Sources extends readonly unknown[]> {
  /** Answers 401, 403 and 429. On when left out. */
  authFailures?: CaptureSwitch<Sources> | undefined;
  /** Downloads and exports. On when left out. */
  exports?: CaptureSwitch<Sources> | undefined;
  /** Every request, for an activity trail. Off when left out. */
  requests?: CaptureSwitch<Sources> | undefined;
}

/** The kinds of what is captured. */
export const CAPTURES = ['authFailures', 'exports', 'requests'] as const;
export type Captured = (typeof CAPTURES)[number];

/** What is captured, and by which rules, whatever the framework. */
export type CaptureSettings = Readonly<Record<Captured, boolean | ((...sources: never) => unknown)>>;

/** What is captured where nothing else is said. */
export const CAPTURE_BY_DEFAULT: CaptureSettings = { authFailures: true, exports: true, requests: false };

const EXPORT_PATH = /\.(csv|json|jsonl|ndjson|xlsx|pdf|zip)\/*$/i;

const UNAUTHORIZED = 'auth.unauthorized_access';

const AUTH_FAILURES: Record<number, string> = {
  401: UNAUTHORIZED,
  403: UNAUTHORIZED,
  429: 'security.rate_limited',
};

/** Whether a status refuses a request. */
export function isRefusalStatus(status: unknown): boolean {
  return typeof status === 'number' && status in AUTH_FAILURES;
}

/** What a status says of how the thing ended that was tried. */
export function outcomeOf(status: number): Outcome {
  return isRefusalStatus(status) ? 'denied' : status >= 400 ? 'failure' : 'success';
}

/** Whether an answer refuses its request, and the handler has not recorded a failure itself. */
export function isRefusal(facts: CaptureFacts): boolean {
  return isRefusalStatus(facts.status) && !facts.failureRecorded;
}

/** The event of a refused request. */
export function refusalEvent(facts: CaptureFacts): AuditEvent {
  return { action: refusalAction(facts.status), outcome: 'denied', metadata: completion(facts) };
}

/** The action of the event of a refusal, by its status. */
export function refusalAction(status: number): string {
  return AUTH_FAILURES[status] ?? UNAUTHORIZED;
}

/** The event of a download or export: what was sent, and how much of it. */
export function exportEvent(facts: CaptureFacts): AuditEvent {
  const { method, target, bytesSent } = facts;
  const query = toQueryMap(target.query);
  return {
    action: 'data.export',
    resource: facts.redactedPath,
    metadata: { method, ...(query.size > 0 && { query }), responseSize: bytesSent, ...completion(facts) },
  };
}

/** The event of any request. The status gives the outcome; a request without a response is a failure. */
export function requestEvent(facts: CaptureFacts): AuditEvent {
  const outcome = facts.isAnswered ? outcomeOf(facts.status) : 'failure';
  return { action: 'http.request', outcome, metadata: completion(facts) };
}

/** Whether an answer is a download or export, by whomever. The files of a page, which are meant for everybody, are none. */
export function isExport(facts: CaptureFacts): boolean {
  if (facts.status < 200 || facts.status >= 300) return false;
  const { path, query } = facts.target;
  return (facts.isAttachment || isExportPath(path) || asksForExport(query)) && !facts.isForEverybody;
}

/** Whether an answer may be an export when the application says that it is: nothing leaves with a failure. */
export function mayBeExport({ status }: CaptureFacts): boolean {
  return status < 400;
}

/** Express and file servers decode a path and ignore slashes at its end: `/report%2Ecsv/` is `/report.csv`. */
function isExportPath(path: string): boolean {
  return EXPORT_PATH.test(tryDecode(path));
}

function asksForExport(query: string): boolean {
  return query !== '' && new URLSearchParams(query).getAll('format').includes('export');
}

/** Says that the client disconnected before it had the whole response. */
function completion({ isCompleted }: CaptureFacts): { completed?: false } {
  return isCompleted ? {} : { completed: false };
}

/** Query parameters: `id=1&id=2` gives `id` an array. A `Map`, because a parameter may be called `__proto__`. */
function toQueryMap(query: string): Map<string, string | string[]> {
  const parameters = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    if (before === undefined) parameters.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else parameters.set(name, [before, value]);
  }
  return parameters;
}
