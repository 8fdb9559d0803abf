import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startProgram } from '../bin/program';
import { atEnd } from './at-end';

/** A collector as a process of its own. */
export interface Serving {
  program: ChildProcess;
  port: number;
  url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** Starts `audit-ledger serve`; it listens, and may not be ready yet. */
export async function startServing(args: string[]): Promise<Serving> {
  const program = startProgram(['serve', '--port', '0', ...args]);
  const exited = once(program, 'exit');
  atEnd(() => program.kill('SIGKILL'));
  program.stderr!.resume();
  const ended = exited.then(([code]) => Promise.reject(new Error(`It has ended with ${String(code)}`)));
  const [line] = (await Promise.race([once(createInterface(program.stdout!), 'line'), ended])) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const kill = async () => {
    program.kill('SIGKILL');
    await exited;
  };
  return { program, port, url: `http://127.0.0.1:${port}`, kill };
}
