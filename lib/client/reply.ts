/** An answer whose body was read. */
export interface Reply {
  status: number;
  text: string;
  /** What the text is as JSON; undefined where it is none. */
  json: unknown;
  /** Milliseconds that the collector asks to wait; 0 where it does not. */
  retryAfter: number;
}

/** The longest wait that is taken from `Retry-After`, in milliseconds: behind a proxy, it may be another's. */
const LONGEST_WAIT = 15_000;

/** What a response is, once its body was read. */
export function readReply({ status, headers }: Response, text: string): Reply {
  return { status, text, json: parseJson(text), retryAfter: retryAfter(headers) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a page of a proxy's
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return ms > 0 ? Math.min(ms, LONGEST_WAIT) : 0;
}
