import { once } from 'node:events';
import type { Server } from 'node:net';
import type { Request, Response } from 'express';
import type { Reading } from '../../../lib/chain/chain-check';
import { isMatch } from '../../../lib/evidence/check/filter-check';
import { formatCursor, parseCursor } from '../../../lib/read/cursor';
import type { AdmittedRequest } from './admitted-request';
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
  /** How often a stream checks whether its server is closing. */
  listening: number;
}

const PACE: Pace = { heartbeat: 15_000, life: 300_000, patience: 10_000, retry: 2000, listening: 500 };

/** What a stream needs of a request. */
type Following = Pick<AdmittedRequest, 'ledger' | 'tenantId' | 'query' | 'req' | 'res'>;

/** Sends new entries of a tenant's chain as server-sent events: from now on, or after `Last-Event-ID`. */
export async function followEntries(asked: Following, pace = PACE): Promise<void> {
  const { ledger, tenantId, query, req, res } = asked;
  const size = await ledger.trail.size(tenantId);
  // A number beyond the end of the chain belongs to another chain, and is ignored.
  const after = Math.min(lastEvent(req) ?? size, size);
  // The client may have disconnected during admission. There will be no second `close` event.
  if (res.headersSent || res.closed) return;
  // `no-transform` prevents buffering by compression middleware, `X-Accel-Buffering` buffering by proxies.
  res.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  if (req.method === 'HEAD') return void res.end();
  const over = watchForEnd(req, res, pace);
  const write = (text: string) => send(res, text, over, pace);
  try {
    await write(`retry: ${pace.retry}\n${formatId(after)}\n`);
    for await (const readings of ledger.trail.follow(tenantId, after, over.signal)) {
      for (const reading of readings) if (isWanted(reading, query)) await write(formatEvent(reading));
      const last = readings.at(-1);
      // After a reconnect, entries that did not match the filter need not be read again.
      if (last && !isWanted(last, query)) await write(`${formatId(last.seq)}\n`);
    }
    res.end();
  } catch (error) {
    if (!res.destroyed) ledger.report(error as Error);
    res.destroy();
  }
}

/** @throws Problem 400 for an id that no stream has sent. */
function lastEvent(req: Request): number | null {
  const id = req.get('Last-Event-ID');
  if (id === undefined || id === '') return null;
  const seq = id === formatCursor(0, 'asc') ? 0 : parseCursor(id, 'asc');
  if (seq === null) throw new Problem(400, 'Last-Event-ID must be the id of an event of this stream.');
  return seq;
}

/** An altered entry cannot be compared with a filter, so every reader gets it. */
function isWanted({ entry }: Reading, filter: object): boolean {
  return entry === null || isMatch(filter, entry);
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

/** Aborts when the client disconnects, the time is up or the server closes. `send` aborts it for a slow reader. */
function watchForEnd(req: Request, res: Response, pace: Pace): AbortController {
  const over = new AbortController();
  const end = () => over.abort();
  const life = setTimeout(end, pace.life);
  const heart = setInterval(() => {
    if (!res.writableEnded && !res.writableNeedDrain) res.write(':\n\n');
  }, pace.heartbeat);
  // A closing server waits for all responses, but Node.js does not notify them.
  const { server } = req.socket as { server?: Server };
  const watch = setInterval(() => {
    if (server?.listening === false) end();
  }, pace.listening);
  res.once('close', end);
  over.signal.addEventListener('abort', () => {
    clearTimeout(life);
    clearInterval(heart);
    clearInterval(watch);
  });
  return over;
}

/** Writes, and waits for a slow reader. Disconnects it when it takes too long, or when the stream ends meanwhile. */
async function send(res: Response, text: string, over: AbortController, { patience }: Pace): Promise<void> {
  if (over.signal.aborted || res.writableEnded || res.write(text)) return;
  const late = setTimeout(() => over.abort(), patience);
  try {
    await once(res, 'drain', { signal: over.signal });
  } catch {
    res.destroy(); // the wait was aborted, or the connection failed
  } finally {
    clearTimeout(late);
  }
}
