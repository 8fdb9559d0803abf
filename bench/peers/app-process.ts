import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Health, Task } from './app';

const END_LIMIT_MS = 60_000;

/** An application in a process of its own. */
export interface App {
  url: string;
  /** Settles when the process is gone, whatever the reason. */
  exited: Promise<unknown>;
  isRunning(): boolean;
  /** Has the contender write what it holds back, if it has a call for that. */
  flush(): Promise<void>;
  /** How the application fares. */
  health(): Promise<Health>;
  /** The orderly end; one that takes longer than a minute is cut short. */
  end(): Promise<void>;
  kill(): Promise<void>;
  /** The last error that the application printed. */
  lastError(): string;
}

/** Starts an application and waits until it listens. */
export async function startApp(task: Task): Promise<App> {
  const log = join(task.folder, 'app.log');
  const output = openSync(log, 'a');
  const app = fork(join(__dirname, 'app.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx', ...profiling(task.peer)],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const exited = once(app, 'exit');
  const lastError = (): string =>
    readFileSync(log, 'utf8')
      .match(/^\w*Error\b.*$/gm)
      ?.at(-1) ?? '';
  const listening = once(app, 'message').then(([port]) => port as number);
  const port = await Promise.race([listening, exited.then(() => undefined)]);
  if (port === undefined) throw new Error(`${task.peer} did not start: ${readFileSync(log, 'utf8')}`);
  return { url: `http://127.0.0.1:${port}`, lastError, ...controls(app, exited) };
}

/** Where BENCH_PROFILE names a folder: profiles of the application's threads in it, under the contender's name. */
function profiling(peer: string): string[] {
  const folder = process.env['BENCH_PROFILE'];
  return folder ? ['--cpu-prof', '--cpu-prof-dir', join(folder, peer)] : [];
}

function controls(app: ChildProcess, exited: Promise<unknown>): Omit<App, 'url' | 'lastError'> {
  const isRunning = (): boolean => app.exitCode === null && app.signalCode === null;
  const tell = (what: string): void => void app.send(what, () => undefined); // it may be gone by now
  const kill = async (): Promise<void> => {
    app.kill('SIGKILL');
    await exited;
  };
  return {
    exited,
    isRunning,
    kill,
    async flush() {
      const flushed = once(app, 'message');
      tell('flush');
      await Promise.race([flushed, exited]);
    },
    async health() {
      const told = once(app, 'message') as Promise<[Health]>;
      tell('health');
      return (await told)[0];
    },
    async end() {
      if (!isRunning()) return;
      const limit = setTimeout(() => void kill(), END_LIMIT_MS);
      tell('end');
      await exited;
      clearTimeout(limit);
    },
  };
}
