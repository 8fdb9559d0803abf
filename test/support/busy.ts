import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Keeps a core busy for as long as its parent lives: who asks for that all the time needs no other work. */
const BUSY = 'const parent = process.ppid; while (process.ppid === parent);';

/**
 * Runs a command beside processes that do nothing but keep the machine busy: `busy.ts 4 npx jest`. A test that passes on
 * a quiet machine alone is no test. Ends as the command does.
 */
async function main([count, command, ...parameters]: string[]): Promise<void> {
  if (count === undefined || command === undefined) throw new Error('usage: busy.ts COUNT COMMAND…');
  const others = Array.from({ length: Number(count) }, () => spawn(process.execPath, ['-e', BUSY]));
  try {
    const [code] = (await once(spawn(command, parameters, { stdio: 'inherit' }), 'close')) as [number | null];
    process.exitCode = code ?? 1;
  } finally {
    for (const other of others) other.kill();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
