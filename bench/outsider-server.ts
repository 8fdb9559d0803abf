import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Left, OutsiderTask, Question } from './outsider-process';
import type { OutsidersRequest } from './outsider-requests';

/** Connections of an outsider. */
const CONNECTIONS = 20;

/** How much an outsider sends: so many requests, or for so many seconds, and at most so many a second. */
export type Amount = { amount: number } | { duration: number; overallRate?: number };

/** An application in a process of its own, which outsiders attack. */
export interface OutsiderServer {
  url: string;
  /** Sends the n-th request of what `request` gives, on 20 connections. */
  attack(request: (n: number) => OutsidersRequest, amount: Amount): Promise<autocannon.Result>;
  /** The processor time that it has taken so far, in microseconds. */
  usage(): Promise<number>;
  end(): Promise<Left>;
}

export async function startServer(task: OutsiderTask): Promise<OutsiderServer> {
  const server = fork(join(__dirname, 'outsider-process.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx', ...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [])],
  });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}`;
  const ask = async (question: Question): Promise<unknown> => {
    const said = once(server, 'message');
    server.send(question);
    const [answer] = (await said) as [unknown];
    return answer;
  };
  let n = 0;
  return {
    url,
    attack: (request, amount) =>
      autocannon({
        url,
        connections: CONNECTIONS,
        timeout: 1,
        ...amount,
        requests: [{ setupRequest: (before) => ({ ...before, ...request(n++) }) }],
      }),
    usage: async () => (await ask('usage')) as number,
    end: async () => (await ask('end')) as Left,
  };
}
