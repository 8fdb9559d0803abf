import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';

/** An answer other than the one asked for; its message is for the client. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The same for what is not there and for what is another tenant's: nobody learns which ids exist. */
export const notFound: RequestHandler = () => {
  throw new HttpError(404, 'There is no such thing here.');
};

/** Answers in JSON. What went wrong inside is logged, not told. */
export const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const message = status < 500 && error instanceof Error ? error.message : STATUS_CODES[status];
  res.status(status).json({ error: message });
};

/** Express's parsers set `status`, and so do the errors of the audit trail: 503 when it cannot record. */
function statusOf(error: unknown): number {
  const { status } = Object(error) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
