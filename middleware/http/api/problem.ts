import { type AuditErrorCode, isAuditError } from '../../../lib/errors';
import { type Answer, text } from './answer';

/** Titles of responses and of problems (RFC 9457) by status. */
export const TITLES = {
  200: 'OK',
  201: 'Created',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** A status that has a title. */
export type Status = keyof typeof TITLES;

/** Errors whose messages the client may see: about its request, or about the trail that it may read. */
const PUBLIC_CODES = new Set<AuditErrorCode>([
  'INVALID_QUERY',
  'ENTRY_ALTERED',
  'TREE_DAMAGED',
  'CHECKPOINT_CONTRADICTED',
  'UNREADABLE',
  'READ_ONLY',
]);

/** An error response. */
export class Problem extends Error {
  constructor(
    readonly status: Status,
    detail: string,
    readonly code?: string,
    /** Further members of the problem, and headers of its answer. */
    readonly more: { members?: object; headers?: Answer['headers'] } = {},
  ) {
    super(detail);
  }
}

/** The response for an error. The messages of other errors may be confidential, so the client gets a general one. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isAuditError(error) && PUBLIC_CODES.has(error.code))
    return new Problem(error.status ?? 500, error.message, error.code);
  if (error instanceof URIError) return new Problem(400, 'The path is not valid: it has a malformed %.');
  const code = isAuditError(error) ? error.code : undefined;
  const status = (isAuditError(error) && error.status) || 500;
  return new Problem(status, 'The audit trail could not be read.', code);
}

/** An `application/problem+json`. */
export function problemAnswer({ status, message, code, more: { members, headers } }: Problem): Answer {
  const problem = { type: 'about:blank', title: TITLES[status], status, detail: message, code, ...members };
  return { ...text('application/problem+json; charset=utf-8', JSON.stringify(problem), headers), status };
}
