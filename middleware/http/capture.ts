import type { Request, Response } from 'express';
import { truncateText } from '../../lib/event/context';
import type { AuditEvent } from '../../lib/event/event';
import type { RequestScope } from './request-scope';
import type { ResponseWatch } from './response-watch';
import { tryDecode, parseTarget } from './request-target';

/** On, off, or decided for each response. */
export type CaptureSwitch = boolean | ((req: Request, res: Response) => boolean);

/** A request and its response, as far as what is captured depends on them. */
export interface Exchanged {
  readonly req: Request;
  readonly res: Response;
  readonly scope: RequestScope;
  readonly watch: ResponseWatch;
}

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

/** Whether a request was refused and its handler has not recorded a failure itself. */
export function isRefusal({ res, scope }: Exchanged): boolean {
  return res.statusCode in AUTH_FAILURES && !scope.failureRecorded;
}

/** A refused request, unless the handler has recorded a failure itself. */
export function refusal({ res, scope }: Exchanged): AuditEvent | null {
  const action = AUTH_FAILURES[res.statusCode];
  if (action === undefined || scope.failureRecorded) return null;
  return { action, outcome: 'denied', metadata: completion(scope) };
}

/** Whether a response is a download or export. */
export function isExport({ req, res, watch }: Exchanged): boolean {
  if (!res.headersSent || res.statusCode < 200 || res.statusCode >= 300) return false;
  const { path, query } = parseTarget(req);
  return isExportPath(path) || asksForExport(query) || watch.isAttachment();
}

/** A download or export by somebody known: what left, and how much of it. */
export function dataExport(exchange: Exchanged): AuditEvent | null {
  const { req, scope, watch } = exchange;
  if (!isExport(exchange) || scope.identity().actor === undefined) return null;
  const query = parseParameters(parseTarget(req).query);
  const what = { method: req.method, ...(query.size > 0 && { query }), responseSize: watch.bytesSent() };
  return {
    action: 'data.export',
    resource: truncateText(scope.path),
    metadata: { ...what, ...completion(scope) },
  };
}

/** By the path that Express routes by and file servers look for: decoded, whether or not a slash follows. */
function isExportPath(path: string): boolean {
  return EXPORT_PATH.test(tryDecode(path));
}

function asksForExport(query: string): boolean {
  return query !== '' && new URLSearchParams(query).getAll('format').includes('export');
}

/** Any request, with the outcome that its status says; without an answer it is a failure. */
export function anyRequest({ res, scope }: Exchanged): AuditEvent {
  const { statusCode } = res;
  const failed = !res.headersSent || statusCode >= 400;
  const outcome = statusCode in AUTH_FAILURES ? 'denied' : failed ? 'failure' : 'success';
  return { action: 'http.request', outcome, metadata: completion(scope) };
}

/** Says that the client went away before it had the whole answer. */
function completion(scope: RequestScope): { completed?: false } {
  return scope.completed ? {} : { completed: false };
}

/** Query parameters; one given twice has an array. A `Map`, since a name may be `__proto__`. */
function parseParameters(query: string): Map<string, string | string[]> {
  const parameters = new URLSearchParams(query);
  return new Map(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}
