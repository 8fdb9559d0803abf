import { parseInstant } from '../../event/instant';
import type { Delivery, PostAnswer } from '../destination';

/** Answers that ask for another try; others are of the request, or of what somebody has set up. */
const AGAIN = new Set([408, 425, 429]);

/** What an answer says that no rule of a destination's own explains: by the meaning of its status in HTTP. */
export function judgeStatus(answer: PostAnswer, now: number): Delivery {
  const { status } = answer;
  if (status >= 200 && status < 300) return { result: 'taken' };
  const reason = describeAnswer(answer);
  if (status >= 500 || AGAIN.has(status)) return { result: 'retry', reason, after: retryAfter(answer, now) };
  if (status === 413 || status === 400 || status === 422) return { result: 'split', reason };
  return { result: 'stop', reason: status < 400 ? `${reason}: redirects are not followed` : reason };
}

/** A success in words that are not the destination's: a proxy or a portal in between has answered, and has no entries. */
export function unlessForeign(delivery: Delivery, answer: PostAnswer): Delivery {
  if (delivery.result !== 'taken') return delivery;
  return {
    result: 'retry',
    reason: `${describeAnswer(answer)}, which is not its own way to say that it has them`,
  };
}

/** A status with the beginning of what came with it. */
export function describeAnswer({ status, text }: PostAnswer): string {
  return text === '' ? `it answered ${status}` : `it answered ${status}: ${text.slice(0, 200)}`;
}

/** `Retry-After` in milliseconds: seconds, or a date of HTTP (RFC 9110 §10.2.3). */
export function retryAfter(answer: PostAnswer, now: number): number | undefined {
  const value = answer.header('retry-after');
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const time = parseInstant(value) ?? Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
