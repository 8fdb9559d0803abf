import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { CONNECTIONS } from './plan';
import type { App } from './app-process';

const ADDRESS = '10.100.100.100';
const LIMIT_SECONDS = 600;

/** What is asked of an application, and which answer counts. */
export interface Kind {
  /** What `BENCH_KINDS` calls it. */
  name: string;
  title: string;
  method: 'GET' | 'POST';
  path: string;
  status: number;
  /** Whether each request comes from another client address, or all from one. */
  addresses: 'one' | 'many';
}

export const POST: Kind = {
  name: 'post',
  title: 'POST with one business insert and one event',
  method: 'POST',
  path: '/invites',
  status: 201,
  addresses: 'one',
};
export const FLOOD: Kind = {
  name: 'flood',
  title: 'GET answering 401, all from one address',
  method: 'GET',
  path: '/private',
  status: 401,
  addresses: 'one',
};
export const REFUSED: Kind = {
  ...FLOOD,
  name: 'refused',
  title: 'GET answering 401, each from another address',
  addresses: 'many',
};

export interface Figures {
  answered: number;
  /** Answers a second. */
  rate: number;
  /** Milliseconds. */
  p99: number;
}

/** autocannon's client as it is, which its types do not say. */
type Client = autocannon.Client & {
  /** After that many requests it leaves. */
  responseMax: number;
  /** The bytes that it sends each time. */
  getRequestBuffer: () => Buffer;
};

/** Requests until `stop` or the application's end. Those under way are still answered, so that each one counts. */
export function startLoad(
  app: App,
  kind: Kind,
  amount?: number,
): { done: Promise<Figures>; stop: () => void } {
  const clients: Client[] = [];
  const times: number[] = [];
  const start = performance.now();
  let lastAnswer = start;
  const setupClient = (given: autocannon.Client): void => {
    const client = given as Client;
    clients.push(client);
    const move = kind.addresses === 'many' ? mover(client.getRequestBuffer()) : () => undefined;
    move();
    client.on('response', (status, _bytes, milliseconds) => {
      if (status === kind.status) times.push(milliseconds);
      lastAnswer = performance.now();
      move();
    });
  };
  const { method, path } = kind;
  const finished = autocannon({
    url: `${app.url}${path}`,
    method,
    headers: { 'x-forwarded-for': ADDRESS },
    connections: CONNECTIONS,
    duration: LIMIT_SECONDS,
    sampleInt: 100,
    setupClient,
    ...(amount !== undefined && { amount }),
  });
  const stop = (): void => {
    for (const client of clients) client.responseMax = 1;
  };
  void app.exited.then(stop);
  const done = finished.then(() => ({
    answered: times.length,
    rate: (times.length / Math.max(lastAnswer - start, 1)) * 1000,
    p99: times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN,
  }));
  return { done, stop };
}

/** Requests for so many seconds. */
export async function load(app: App, kind: Kind, seconds: number): Promise<Figures> {
  const { done, stop } = startLoad(app, kind);
  await delay(seconds * 1000);
  stop();
  return done;
}

let moved = 0;

/**
 * Gives a request an address that none had before, in place: to have autocannon make up a request takes longer than to
 * answer it. Three digits each, so that all are of one length.
 */
function mover(request: Buffer): () => void {
  const at = request.indexOf(ADDRESS);
  return () => {
    const n = moved++;
    const parts = [n / 156 ** 2, n / 156, n].map((part) => 100 + (Math.floor(part) % 156));
    request.write(`10.${parts.join('.')}`, at, 'latin1');
  };
}
