import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DryMongoBinary } from 'mongodb-memory-server';
import { install, installationDirectory, installationObstacle, isInstalled } from './documentdb/installation';
import { compiledPath, isCompiled } from './compiled-path';
import { Interrupted } from './installer';
import { downloadMongod } from './mongod-binary-download';
import { type Log } from './progress';

/** What mongodb-memory-server needs to know to start a server. */
export interface MongodBinary {
  /** The executable; without one mongodb-memory-server finds its own. */
  binary: { systemBinary?: string; version?: string };
  args: string[];
}

const ITS_OWN: MongodBinary = { binary: {}, args: [] };

/**
 * Finds a `mongod`: one that mongodb-memory-server has downloaded or is told to use, one in the PATH, a DocumentDB
 * stand-in that is installed already; else gets one, by download or, where that fails, by installing the stand-in.
 * @throws {Interrupted} when a signal has stopped the installation
 * @throws {Error} that says what to do, if there is none to be had
 */
export async function findMongod(log: Log): Promise<MongodBinary> {
  if (process.env['MONGOMS_SYSTEM_BINARY'] || (await isDownloaded())) return ITS_OWN;
  const installed = installedMongod();
  if (installed) return installed;
  if (isInstalled() && !installationObstacle()) return standIn();
  const failure = await downloadMongod(log);
  return failure === undefined ? ITS_OWN : installStandIn(log, failure);
}

async function isDownloaded(): Promise<boolean> {
  const options = await DryMongoBinary.generateOptions();
  return (await DryMongoBinary.locateBinary(options)) !== undefined;
}

function installedMongod(): MongodBinary | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const systemBinary = folders.map((folder) => join(folder, 'mongod')).find(isExecutable);
  if (!systemBinary) return undefined;
  const version = /v(\d+\.\d+\.\d+)/.exec(
    execFileSync(systemBinary, ['--version'], { encoding: 'utf8' }),
  )?.[1];
  return { binary: { systemBinary, ...(version !== undefined && { version }) }, args: [] };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // most folders of a PATH hold no mongod
  }
}

function standIn(): MongodBinary {
  const source = 'test/support/documentdb/mongod.mjs';
  const systemBinary = isCompiled() ? compiledPath(source) : join(__dirname, 'documentdb', 'mongod.mjs');
  return {
    binary: { systemBinary, version: '7.0.0' },
    args: ['--documentdb', installationDirectory()],
  };
}

async function installStandIn(log: Log, failure: string): Promise<MongodBinary> {
  const obstacle = installationObstacle();
  if (obstacle !== undefined) throw new Error(noDatabase(failure, obstacle));
  try {
    await install(log);
  } catch (cause) {
    if (cause instanceof Interrupted) throw cause;
    throw new Error(noDatabase(failure, 'its installation failed, see the cause'), { cause });
  }
  return standIn();
}

const noDatabase = (failure: string, reason: string): string =>
  `No database: MONGODB_URI is not set, mongod could not be downloaded, and the DocumentDB stand-in cannot be used (${reason}).
The download: ${failure}
Do one of these:
- set MONGODB_URI to a MongoDB replica set whose databases may be written to and dropped;
- make mongodb-memory-server's download reachable, or put a mongod into the PATH;
- run as root on Debian, where a DocumentDB stand-in is installed from Debian's packages.`;
