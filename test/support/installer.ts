import { spawn } from 'node:child_process';
import { type Log, reportProgress } from './progress';

/** A program that installs something: it says its steps on standard output, and what goes wrong on standard error. */
export interface Installer {
  /** What is said while it runs. */
  title: string;
  /** What it is called when it fails. */
  name: string;
  command: string;
  parameters: string[];
  environment?: NodeJS.ProcessEnv;
}

/**
 * Runs an installer, and tells `log` what it does and how far it is.
 * @throws {Error} with the end of what it said
 */
export async function runInstaller(log: Log, installer: Installer): Promise<void> {
  const { title, name, command, parameters, environment = process.env } = installer;
  const progress = reportProgress(log, title);
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  let complaints = '';
  child.stdout.on('data', (step: Buffer) => progress.step(step.toString().trim()));
  child.stderr.on('data', (text: Buffer) => (complaints = (complaints + text.toString()).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => progress.end());
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${complaints}`);
}
