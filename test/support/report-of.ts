import { fork } from 'node:child_process';
import { once } from 'node:events';
import { compiledPath } from './compiled-path';

/**
 * The first message of a program that runs in a process of its own.
 * @throws when it ends without one
 */
export async function reportOf<Report>(
  source: string,
  args: string[],
  execArgv: string[] = [],
): Promise<Report> {
  const child = fork(compiledPath(source), args, { execArgv });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${source} ended with ${String(code)} and without a report`);
  });
  const [report] = await Promise.race([once(child, 'message'), ended]);
  return report as Report;
}
