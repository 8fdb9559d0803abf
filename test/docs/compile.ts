import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type Block, ROOT } from './markdown';

const PROGRAM = ['--import', 'tsx', 'test/docs/compile-process.ts'];

/** Compiles blocks as one program, each a module of its own, and gives what is wrong as `page:line: message`. */
export async function errorsIn(blocks: readonly Block[]): Promise<string[]> {
  const compiler = spawn(process.execPath, PROGRAM, { cwd: ROOT });
  const ended = once(compiler, 'close') as Promise<[number | null]>;
  compiler.stdin.end(JSON.stringify(blocks));
  const [output, complaints, [code]] = await Promise.all([
    text(compiler.stdout),
    text(compiler.stderr),
    ended,
  ]);
  if (code !== 0) throw new Error(`The compiler ended with ${code}: ${complaints}`);
  return JSON.parse(output) as string[];
}
