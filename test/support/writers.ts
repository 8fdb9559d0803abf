import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Receipt } from '../../index';
import { compiledPath } from './compiled-path';
import type { WriterTask } from './writer-process';

/** Runs writers in processes of their own, all at once, and gives the receipts of each. */
export async function runWriters(tasks: WriterTask[]): Promise<Receipt[][]> {
  const writers = tasks.map((task) => startWriter(task));
  try {
    await Promise.all(writers.map((writer) => once(writer, 'message'))); // each says that it is ready
    const receipts = writers.map(async (writer) => (await once(writer, 'message'))[0] as Receipt[]);
    for (const writer of writers) writer.send('go');
    return await Promise.all(receipts);
  } finally {
    for (const writer of writers) writer.kill();
  }
}

function startWriter(task: WriterTask): ChildProcess {
  const program = compiledPath('test/support/writer-process.ts');
  return fork(program, [JSON.stringify(task)], { execArgv: [] });
}
