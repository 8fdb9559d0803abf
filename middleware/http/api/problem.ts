import type { Response } from 'express';
import { type AuditErrorCode, isAuditError } from '../../../lib/errors';

/** Titles of the answers (of problems: RFC 9457); the status says the type. */
export const TITLES: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Errors whose messages are about the request, or about the trail that the client may see anyway. */
const TELLING = new Set<AuditErrorCode>([
  'INVALID_QUERY',
  'ENTRY_ALTERED',
  'TREE_DAMAGED',
  'CHECKPOINT_CONTRADICTED',
  'UNREADABLE',
]);

/** An answer that is not what was asked for. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly code?: string,
  ) {
    super(detail);
  }
}

/** What to answer for an error. What is not ours is not told to the client. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isAuditError(error) && TELLING.has(error.code))
    return new Problem(error.status ?? 500, error.message, error.code);
  if (error instanceof URIError) return new Problem(400, 'The path is not valid: it has a malformed %.');
  const code = isAuditError(error) ? error.code : undefined;
  const status = (isAuditError(error) && error.status) || 500;
  return new Problem(status, 'The audit trail could not be read.', code);
}

/** Answers with `application/problem+json`. */
export function sendProblem(res: Response, { status, message, code }: Problem): void {
  res.status(status).type('application/problem+json');
  res.send(JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail: message, code }));
}
