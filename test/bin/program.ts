import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type * as Program from '../../bin/run';
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

/** What a command line is given beside its arguments. */
interface Given {
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** The program's own `run`, as it is compiled. */
const { run } = jest.requireActual<typeof Program>(compiledPath('bin/run.ts'));

/**
 * Runs a command line to its end in this process, which is far quicker than in one of its own: a start of the program
 * takes longer than nearly all that it does. One at a time.
 */
export async function runHere(args: string[], { input = '', env = {} }: Given = {}): Promise<Ended> {
  const [out, err] = [new Kept(), new Kept()];
  const stdin = Readable.from([Buffer.from(input)]);
  const restore = replaced({ stdin, stdout: out, stderr: err, env: { ...process.env, ...env } });
  try {
    return { code: await run(args), out: out.text(), err: err.text() };
  } finally {
    restore();
  }
}

/** Keeps what is written to it. */
class Kept extends Writable {
  private readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

/** Gives `process` other members, until the function that this gives is called. */
function replaced(members: Record<string, unknown>): () => void {
  const before = Object.keys(members).map(
    (name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const,
  );
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(process, name, { value, configurable: true, enumerable: true });
  return () => {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor!);
  };
}

/** Runs the program to its end in a process of its own. */
export async function runProgram(args: string[], { input = '', env = {} }: Given = {}): Promise<Ended> {
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
