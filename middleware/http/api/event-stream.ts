import type { Reading } from '../../../lib/chain/chain-check';
import type { Entry } from '../../../lib/chain/entry';
import { fulfils, passes } from '../../../lib/read/conditions';
import { formatCursor, parseCursor } from '../../../lib/read/cursor';
import { readFilter } from '../../../lib/read/list-query';
import type { AdmittedRequest } from './admitted-request';
import type { Answer } from './answer';
import type { Asked } from './asked';
import { patiently } from './patient-body';
import { Problem } from './problem';

/** The times of a stream, in milliseconds. */
export interface Pace {
  /** How often a comment is sent when there are no events: proxies end a connection that is silent for a minute. */
  heartbeat: number;
  /** How long a stream lasts. The reader then connects again, and its permission is checked again. */
  life: number;
  /** How long a slow reader may take. It is then disconnected, and can connect again and continue. */
  patience: number;
  /** How long a reader should wait before it connects again. */
  retry: number;
}

const PACE: Pace = { heartbeat: 15_000, life: 300_000, patience: 10_000, retry: 2000 };

/** How long the end of a stream waits for who has not taken all before, in milliseconds: they connect again anyway. */
const LAST = 2000;

/** What a stream needs of a request. */
type Following = Pick<AdmittedRequest, 'ledger' | 'tenantId' | 'query' | 'asked'>;

/** Gives new entries of a tenant's chain as server-sent events: from now on, or after `Last-Event-ID`. */
export async function followEntries(following: Following, pace = PACE): Promise<Answer> {
  const { ledger, tenantId, asked } = following;
  const size = await ledger.trail.size(tenantId);
  // A number beyond the end of the chain belongs to another chain, and is ignored.
  const after = Math.min(lastEvent(asked) ?? size, size);
  // `no-transform` prevents buffering by compression middleware, `X-Accel-Buffering` buffering by proxies.
  const headers = {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  };
  if (asked.method === 'HEAD') return { status: 200, headers, body: null };
  const over = new AbortController();
  const texts = events(following, after, pace, over);
  const { patience } = pace;
  const waiting = { patience, last: Math.min(patience, LAST), over: over.signal };
  return { status: 200, headers, body: patiently(texts, asked.client, waiting) };
}

/** Ends when the client is gone, the time is up, or the server or the ledger closes. */
async function* events(
  following: Following,
  after: number,
  pace: Pace,
  over: AbortController,
): AsyncGenerator<string> {
  const { ledger, tenantId, query, asked } = following;
  const { filter, conditions = {} } = readFilter(query);
  const isMeant = (entry: Entry) => passes(filter, entry) && fulfils(conditions, entry);
  const end = () => over.abort();
  const life = setTimeout(end, pace.life);
  const stopWatching = asked.client.whenGone(end);
  const chain = ledger.trail.follow(tenantId, after, over.signal)[Symbol.asyncIterator]();
  try {
    yield `retry: ${pace.retry}\n${formatId(after)}\n`;
    for await (const readings of withBeats(chain, pace.heartbeat)) {
      if (readings === null) yield ':\n\n';
      for (const reading of readings ?? []) if (isWanted(reading, isMeant)) yield formatEvent(reading);
      const last = readings?.at(-1);
      // After a reconnect, entries that did not match the filter need not be read again.
      if (last && !isWanted(last, isMeant)) yield `${formatId(last.seq)}\n`;
    }
  } finally {
    clearTimeout(life);
    stopWatching();
    end();
  }
}

/** The values, and `null` for each time that none has come for so many milliseconds. */
async function* withBeats<Value>(
  values: AsyncIterator<Value>,
  milliseconds: number,
): AsyncGenerator<Value | null> {
  for (let next = values.next(); ;) {
    const step = await orBeat(next, milliseconds);
    if (step?.done) return;
    yield step === null ? null : step.value;
    if (step !== null) next = values.next();
  }
}

async function orBeat<Step>(next: Promise<Step>, milliseconds: number): Promise<Step | null> {
  let timer: NodeJS.Timeout | undefined;
  const beat = new Promise<null>((resolve) => (timer = setTimeout(resolve, milliseconds, null)));
  return Promise.race([next, beat]).finally(() => clearTimeout(timer));
}

/** @throws Problem 400 for an id that no stream has sent. */
function lastEvent(asked: Asked): number | null {
  const id = asked.header('last-event-id');
  if (id === undefined || id === '') return null;
  const seq = id === formatCursor(0, 'asc') ? 0 : parseCursor(id, 'asc');
  if (seq === null) throw new Problem(400, 'Last-Event-ID must be the id of an event of this stream.');
  return seq;
}

/** An altered entry cannot be compared with a filter, so every reader gets it. */
function isWanted({ entry }: Reading, isMeant: (entry: Entry) => boolean): boolean {
  return entry === null || isMeant(entry);
}

/** The position after which a reader continues. Without data, it is not an event. */
function formatId(seq: number | null): string {
  return seq === null ? '' : `id: ${formatCursor(seq, 'asc')}\n`;
}

/** An event for an entry, or for a fault when the entry was altered. */
function formatEvent({ entry, seq, fault }: Reading): string {
  const [name, data] = entry ? ['entry', entry] : ['fault', { seq, message: fault?.message }];
  return `event: ${name}\n${formatId(seq)}data: ${JSON.stringify(data)}\n\n`;
}
