import { MongoBinary } from 'mongodb-memory-server';
import { DownloadError } from 'mongodb-memory-server-core/lib/util/errors';
import { type FailedDownload, failureFile, recallFailure, rememberFailure } from './mongod-binary-failure';
import { type Log } from './progress';

/**
 * Has mongodb-memory-server download a `mongod`, unless that could not be had a short while ago.
 * @returns why there is none; `undefined` if there is one now
 */
export async function downloadMongod(log: Log): Promise<string | undefined> {
  const failure = recallFailure();
  if (failure) return refused(log, failure);
  log('No mongod on this machine: mongodb-memory-server downloads one (once; some 100 MB)');
  try {
    await MongoBinary.getPath();
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(`  ${reason}`);
    if (error instanceof DownloadError) remember(log, reason);
    return reason;
  }
}

function refused(log: Log, { at, until, reason }: FailedDownload): string {
  log(`No mongod on this machine, and its download failed at ${timeOf(at)}.`);
  log(`  It is tried again from ${timeOf(until)} on; at once after: rm ${failureFile()}`);
  return `${reason}\nThat was at ${timeOf(at)}; it is tried again from ${timeOf(until)} on, at once after: rm ${failureFile()}`;
}

function remember(log: Log, reason: string): void {
  try {
    rememberFailure(reason);
    log(`  It is not tried again for a day; at once after: rm ${failureFile()}`);
  } catch (error) {
    log(`  It is tried again each time: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const timeOf = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 16)}Z`;
