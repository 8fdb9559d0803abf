import { AuditError, type AuditErrorCode } from '../errors';
import { delay, OUTAGE } from '../write/backoff';
import type { Fetch, ParsedClientOptions } from './options';
import { isPassing, refusalOf, toError } from './problem';
import { readReply, type Reply } from './reply';
import { clearTimeout, monotonicNow, pause, setTimeout } from './timers';

/** What is asked. */
export interface Asked {
  path: string;
  method?: 'GET' | 'POST';
  body?: string;
}

/** What the errors of queries begin with. */
export const ASKED = 'The collector was asked';

/** How long one try may take, in milliseconds: a collector answers within 10 seconds. */
const TRY_LIMIT = 15_000;

/** No try is shorter, although its time is nearly up. */
const SHORTEST_TRY = 1_000;

/** Sends requests to the collector. Tells failures of the network from answers; all bodies are read or cancelled. */
export class Transport {
  readonly #url: string;
  readonly #apiKey: string;
  readonly #given: Fetch | undefined;
  readonly timeoutMs: number;

  constructor({ url, apiKey, fetch, timeoutMs }: ParsedClientOptions) {
    this.#url = url;
    this.#apiKey = apiKey;
    this.#given = fetch;
    this.timeoutMs = timeoutMs;
  }

  /**
   * One try.
   * @param limitMs milliseconds that are left for it
   * @throws whatever `fetch` throws: the request may have arrived all the same
   */
  async once(asked: Asked, limitMs: number, signal?: AbortSignal): Promise<Reply> {
    return this.#within(limitMs, signal, async (aborted) => {
      const response = await this.#send(asked, aborted);
      return readReply(response, await response.text());
    });
  }

  /**
   * Tries a query until it is answered, or its time is up.
   * @throws AuditError `KEY_REFUSED`, `STORE_UNAVAILABLE`, `INVALID_OPTIONS`, or what the collector says.
   */
  async query(path: string, signal: AbortSignal): Promise<Reply> {
    return this.#untilAnswered(path, signal, (left) => this.once({ path }, left, signal));
  }

  /** The same for an answer whose body is a stream of any length: what is limited is the time until it begins. */
  async stream(
    path: string,
    signal: AbortSignal,
  ): Promise<{ reply: Reply; body: ReadableStream<Uint8Array> | null }> {
    let body: ReadableStream<Uint8Array> | null = null;
    const reply = await this.#untilAnswered(path, signal, (left) =>
      this.#within(left, signal, async (aborted) => {
        const response = await this.#send({ path }, aborted);
        const isAnswered = response.status === 200;
        if (isAnswered) body = response.body;
        return readReply(response, isAnswered ? '' : await response.text());
      }),
    );
    return { reply, body };
  }

  async #untilAnswered(
    path: string,
    signal: AbortSignal,
    tryOnce: (left: number) => Promise<Reply>,
  ): Promise<Reply> {
    const deadline = monotonicNow() + this.timeoutMs;
    for (let attempt = 0; ; attempt++) {
      const left = deadline - monotonicNow();
      let wait = delay(OUTAGE, attempt, Math.random());
      try {
        const reply = await tryOnce(left);
        if (reply.status === 200 || !isPassing(refusalOf(reply))) return reply;
        wait = Math.max(wait, reply.retryAfter);
        if (wait >= left || signal.aborted) throw queryError(reply);
      } catch (error) {
        if (error instanceof AuditError) throw error;
        if (wait >= left || signal.aborted) throw unreachable(ASKED, error);
      }
      await pause(wait, signal);
    }
  }

  #send({ path, method = 'GET', body }: Asked, signal: AbortSignal): Promise<Response> {
    const fetch = this.#given ?? globalThis.fetch;
    const headers: Record<string, string> = {
      Authorization: `Bearer ${this.#apiKey}`,
      Accept: '*/*',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    // A redirect would turn a POST into a GET; Cloudflare knows no `error`.
    const redirect = 'manual';
    return fetch(this.#url + path, {
      method,
      headers,
      signal,
      redirect,
      ...(body !== undefined && { body }),
    });
  }

  async #within<T>(
    limitMs: number,
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const ms = Math.min(TRY_LIMIT, Math.max(SHORTEST_TRY, limitMs));
    const abort = () => controller.abort(outer?.reason);
    if (outer?.aborted) abort();
    outer?.addEventListener('abort', abort);
    const timer = setTimeout(() => controller.abort(new Error(`No answer within ${ms} ms.`)), ms);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    }
  }
}

/** The error of a query that was answered otherwise than with what it asked for. */
export function queryError(reply: Reply): AuditError {
  return toError(refusalOf(reply), ASKED, 'INVALID_QUERY');
}

/** The error where nothing was answered. */
export function unreachable(subject: string, cause: unknown): AuditError {
  const why =
    cause instanceof Error ? [cause.message, causeOf(cause)].filter(Boolean).join(': ') : String(cause);
  const mend = 'see whether `url` is right and the collector runs';
  const code: AuditErrorCode = 'STORE_UNAVAILABLE';
  return new AuditError(code, `${subject}: no answer in time, ${why}: ${mend}.`, { cause });
}

/** Node.js says no more than `fetch failed` in the message itself. */
function causeOf({ cause }: Error): string {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return [code, message].find((part) => typeof part === 'string' && part !== '') as string;
}
