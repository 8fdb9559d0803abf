import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { compiledPath } from '../support/compiled-path';

const ROOT = join(__dirname, '../..');

/** What a run of the program left behind. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** The compiled program. */
export function programPath(): string {
  return compiledPath('bin/audit-ledger.ts');
}

/** Starts the program. */
export function startProgram(args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [programPath(), ...args], { cwd: ROOT, env: { ...process.env, ...env } });
}

/** Runs the program to its end. */
export async function runProgram(
  args: string[],
  { input = '', env = {} }: { input?: string | Buffer; env?: Record<string, string> } = {},
): Promise<Ended> {
  return ended(startProgram(args, env), input);
}

/** Waits for the end of a program that has been started. */
export async function ended(program: ChildProcess, input: string | Buffer = ''): Promise<Ended> {
  program.stdin!.on('error', () => undefined); // it may end before it has read all
  program.stdin!.end(input);
  const [[code], out, err] = await Promise.all([
    once(program, 'close'),
    buffer(program.stdout!),
    buffer(program.stderr!),
  ]);
  return { code, out: out.toString(), err: err.toString() };
}

/** The path of a test vector. */
export function vector(name: string): string {
  return join(ROOT, 'test/vectors', name);
}

/** The verifier key of the vectors. */
export function vectorKey(): string {
  const { keys } = JSON.parse(readFileSync(vector('evidence-keys.json'), 'utf8')) as { keys: [string] };
  return keys[0];
}
