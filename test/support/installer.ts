import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Log, reportProgress } from './progress';

/** A program that installs something: it says its steps on standard output, and what goes wrong on standard error. */
export interface Installer {
  /** What is said while it runs. */
  title: string;
  /** What it is called when it fails. */
  name: string;
  /** Is sent SIGTERM to stop; a Bash script that sources `installer.sh` then leaves nothing behind. */
  command: string;
  parameters: string[];
  environment?: NodeJS.ProcessEnv;
}

/** An installation was stopped by a signal, and has left nothing behind. */
export class Interrupted extends Error {
  /** What a shell says of a program that a signal has ended. */
  readonly exitCode: number;

  constructor(name: string, signal: NodeJS.Signals) {
    super(`${signal} has stopped ${name}, and nothing is left half installed.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/**
 * Runs an installer, and tells `log` what it does and how far it is. It is stopped when this process is told to stop,
 * and when this process is killed.
 * @throws {Interrupted} when it has been stopped
 * @throws {Error} with the end of what it said
 */
export async function runInstaller(log: Log, installer: Installer): Promise<void> {
  const { title, name, command, parameters, environment = process.env } = installer;
  const progress = reportProgress(log, title);
  // In a process group of its own, so that a Ctrl+C is for this process, which then waits until nothing is left.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
    detached: true,
  });
  let stoppedBy: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (stoppedBy) return; // with npm and tsx in between, Ctrl+C may arrive twice
    stoppedBy = signal;
    progress.step('stopping');
    child.kill('SIGTERM');
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  let complaints = '';
  child.stdout.on('data', (step: Buffer) => progress.step(step.toString().trim()));
  child.stderr.on('data', (text: Buffer) => (complaints = (complaints + text.toString()).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, stop);
    progress.end(stoppedBy ? 'stopped' : child.exitCode === 0 ? 'done' : 'failed');
  });
  if (stoppedBy) throw new Interrupted(name, stoppedBy);
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${complaints}`);
}
