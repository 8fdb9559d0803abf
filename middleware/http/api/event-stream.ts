import { once } from 'node:events';
import type { Server } from 'node:net';
import type { Request, Response } from 'express';
import type { Reading } from '../../../lib/chain/chain-check';
import { isMatch } from '../../../lib/evidence/check/filter-check';
import { formatCursor, parseCursor } from '../../../lib/read/cursor';
import type { AdmittedRequest } from './admitted-request';
import { Problem } from './problem';

/** Times of a stream, in milliseconds. */
export interface Pace {
  /** How often a quiet stream shows that it is there: proxies end those that say nothing for a minute. */
  heartbeat: number;
  /** How long a stream lasts: the next one is asked anew whether it may be read. */
  life: number;
  /** How long a reader may take for what it was sent. It can come back and go on where it was. */
  patience: number;
  /** How long a reader should wait before it comes back. */
  retry: number;
  /** How often a stream looks whether its server takes no more connections. */
  listening: number;
}

const PACE: Pace = { heartbeat: 15_000, life: 300_000, patience: 10_000, retry: 2000, listening: 500 };

/** What a stream is made of. */
type Following = Pick<AdmittedRequest, 'ledger' | 'tenantId' | 'query' | 'req' | 'res'>;

/** Sends the entries that a tenant's chain gets from now on, or since `Last-Event-ID`, as server-sent events. */
export async function followEntries(asked: Following, pace = PACE): Promise<void> {
  const { ledger, tenantId, query, req, res } = asked;
  const size = await ledger.trail.size(tenantId);
  // A number that the chain has not reached is another's: as good as none.
  const after = Math.min(lastEvent(req) ?? size, size);
  // Who left while they were let in: nothing would tell of it again.
  if (res.headersSent || res.closed) return;
  // `no-transform` keeps compressing middleware, X-Accel-Buffering proxies, from holding events back.
  res.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  if (req.method === 'HEAD') return void res.end();
  const over = watchForEnd(req, res, pace);
  const say = (text: string) => send(res, text, over, pace);
  try {
    await say(`retry: ${pace.retry}\n${formatId(after)}\n`);
    for await (const readings of ledger.trail.follow(tenantId, after, over.signal)) {
      for (const reading of readings) if (isWanted(reading, query)) await say(formatEvent(reading));
      const last = readings.at(-1);
      // What a filter held back need not be looked through again.
      if (last && !isWanted(last, query)) await say(`${formatId(last.seq)}\n`);
    }
    res.end();
  } catch (error) {
    if (!res.destroyed) ledger.report(error as Error);
    res.destroy();
  }
}

/** @throws Problem 400 for an id that no stream gave. */
function lastEvent(req: Request): number | null {
  const id = req.get('Last-Event-ID');
  if (id === undefined || id === '') return null;
  const seq = id === formatCursor(0, 'asc') ? 0 : parseCursor(id, 'asc');
  if (seq === null) throw new Problem(400, 'Last-Event-ID must be the id of an event of this stream.');
  return seq;
}

/** What cannot be matched is shown to all who follow. */
function isWanted({ entry }: Reading, filter: object): boolean {
  return entry === null || isMatch(filter, entry);
}

/** Where the reader goes on. Alone it is no event. */
function formatId(seq: number | null): string {
  return seq === null ? '' : `id: ${formatCursor(seq, 'asc')}\n`;
}

/** An entry, or what stands in the place of one that was altered. */
function formatEvent({ entry, seq, fault }: Reading): string {
  const [name, data] = entry ? ['entry', entry] : ['fault', { seq, message: fault?.message }];
  return `event: ${name}\n${formatId(seq)}data: ${JSON.stringify(data)}\n\n`;
}

/** Aborted when the stream is over: its reader is gone or stuck, its time is up, or its server is to end. */
function watchForEnd(req: Request, res: Response, pace: Pace): AbortController {
  const over = new AbortController();
  const end = () => over.abort();
  const life = setTimeout(end, pace.life);
  const heart = setInterval(() => {
    if (!res.writableEnded && !res.writableNeedDrain) res.write(':\n\n');
  }, pace.heartbeat);
  // A server that closes waits for all its responses; Node.js tells them nothing.
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

/** Waits until a slow reader has room again; one that takes too long, or beyond the end of the stream, is dropped. */
async function send(res: Response, text: string, over: AbortController, { patience }: Pace): Promise<void> {
  if (over.signal.aborted || res.writableEnded || res.write(text)) return;
  const late = setTimeout(() => over.abort(), patience);
  try {
    await once(res, 'drain', { signal: over.signal });
  } catch {
    res.destroy(); // an aborted wait, or an error of a connection that is gone
  } finally {
    clearTimeout(late);
  }
}
