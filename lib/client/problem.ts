import { AuditError, type AuditErrorCode } from '../errors';
import { isObject } from '../util/complaints';
import { shorten } from '../util/quote';
import type { Reply } from './reply';

/** A problem (RFC 9457) as a collector answers it, or one event's of many; whatever else was answered, as far as it goes. */
export interface Refusal {
  status: number;
  code: AuditErrorCode | undefined;
  detail: string | undefined;
  /** What is wrong with which of the events that were sent. */
  errors: { index: number; refusal: Refusal }[];
}

/** The form of an `AuditErrorCode`; a newer collector may know more of them. */
const CODE = /^[A-Z]+(_[A-Z]+)*$/;

/** What is no code of this package's, but of HTTP. */
const FORBIDDEN = 'FORBIDDEN';

/** What is shown of a text that others wrote. */
const SHOWN = 1_000;

/** The problem that a reply is. */
export function refusalOf({ status, json }: Reply): Refusal {
  return readRefusal(json, status);
}

/** The same of one member of `results` or `errors`; without a status of its own, that of the answer. */
export function readRefusal(value: unknown, ofAnswer: number): Refusal {
  const { status, code, detail, errors } = isObject(value) ? value : {};
  return {
    status: Number.isSafeInteger(status) ? Number(status) : ofAnswer,
    code:
      typeof code === 'string' && CODE.test(code) && code !== FORBIDDEN
        ? (code as AuditErrorCode)
        : undefined,
    detail: typeof detail === 'string' ? shorten(detail, SHOWN) : undefined,
    errors: Array.isArray(errors) ? errors.flatMap((each: unknown) => indexed(each, ofAnswer)) : [],
  };
}

function indexed(value: unknown, status: number): { index: number; refusal: Refusal }[] {
  if (!isObject(value) || !Number.isSafeInteger(value['index'])) return [];
  return [{ index: Number(value['index']), refusal: { ...readRefusal(value, status), errors: [] } }];
}

/** Whether it may succeed when it is tried again: time-outs, too many requests, and whatever went wrong on the way. */
export function isPassing({ status, code }: Pick<Refusal, 'status' | 'code'>): boolean {
  return status === 408 || status === 429 || status >= 500 || code === 'QUEUE_FULL' || code === 'CLOSED';
}

/**
 * The error of a refusal, with the code that the ledger itself would have given.
 * @param otherwise what a refusal means that says nothing more
 */
export function toError(
  { status, code, detail }: Refusal,
  subject: string,
  otherwise: AuditErrorCode,
): AuditError {
  if (code !== undefined && detail !== undefined) return new AuditError(code, detail);
  const said = detail === undefined ? '' : `: ${detail}`;
  const answer = (meaning: string) => `${subject}: ${meaning} (it answered ${status}${said}).`;
  if (status === 401 || status === 403)
    return new AuditError(
      'KEY_REFUSED',
      answer('the collector refused the key: give one that is valid for this'),
    );
  if (status === 404 || status === 405 || status < 400)
    return new AuditError('INVALID_OPTIONS', answer('`url` must be where a collector is mounted'));
  if (isPassing({ status, code }))
    return new AuditError(
      status === 429 ? 'QUEUE_FULL' : 'STORE_UNAVAILABLE',
      answer('the collector is not available'),
    );
  return new AuditError(code ?? otherwise, answer('the collector refused it'));
}
