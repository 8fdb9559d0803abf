import type { Request, Response } from 'express';
import { truncateText } from '../../lib/event/context';
import type { AuditEvent } from '../../lib/event/event';
import type { CaptureFacts } from './capture-facts';
import { tryDecode } from './request-target';

/** On, off, or decided for each response. */
export type CaptureSwitch = boolean | ((req: Request, res: Response) => boolean);

/** What is recorded without a call in a handler. */
export interface CaptureOptions {
  /** Answers 401, 403 and 429. On when left out. */
  authFailures?: CaptureSwitch | undefined;
  /** Downloads and exports. On when left out. */
  exports?: CaptureSwitch | undefined;
  /** Every request, for an activity trail. Off when left out. */
  requests?: CaptureSwitch | undefined;
}

const EXPORT_PATH = /\.(csv|json|jsonl|ndjson|xlsx|pdf|zip)\/*$/i;

const AUTH_FAILURES: Record<number, string> = {
  401: 'auth.unauthorized_access',
  403: 'auth.unauthorized_access',
  429: 'security.rate_limited',
};

/** The event of a refused request; null for other requests, and when the handler has recorded a failure itself. */
export function refusalEvent(facts: CaptureFacts): AuditEvent | null {
  const action = AUTH_FAILURES[facts.status];
  if (action === undefined || facts.failureRecorded) return null;
  return { action, outcome: 'denied', metadata: completion(facts) };
}

/** The event of a download or export: what was sent, and how much of it. Null for other responses and unknown actors. */
export function exportEvent(facts: CaptureFacts): AuditEvent | null {
  if (!isExport(facts) || facts.actor === undefined) return null;
  const { method, target, bytesSent } = facts;
  const query = toQueryMap(target.query);
  return {
    action: 'data.export',
    resource: truncateText(facts.redactedPath),
    metadata: { method, ...(query.size > 0 && { query }), responseSize: bytesSent, ...completion(facts) },
  };
}

/** The event of any request. The status gives the outcome; a request without a response is a failure. */
export function requestEvent(facts: CaptureFacts): AuditEvent {
  const failed = !facts.headersSent || facts.status >= 400;
  const outcome = facts.status in AUTH_FAILURES ? 'denied' : failed ? 'failure' : 'success';
  return { action: 'http.request', outcome, metadata: completion(facts) };
}

/** Whether a response is a download or export. */
export function isExport(facts: CaptureFacts): boolean {
  if (!facts.headersSent || facts.status < 200 || facts.status >= 300) return false;
  const { path, query } = facts.target;
  return isExportPath(path) || asksForExport(query) || facts.isAttachment;
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
  const parameters = new URLSearchParams(query);
  return new Map(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}
