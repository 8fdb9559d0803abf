import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { templateFolder } from '../database-template';

/** A running PostgreSQL with DocumentDB. */
export interface Postgres {
  /** Where its socket is; short enough for a socket's path, however long the dbpath. */
  socketDirectory: string;
  /** Fulfilled when all of its processes are gone, for whatever reason. */
  ended: Promise<void>;
  /** Has it shut down in order. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 120_000;
const POLL_MS = 20;

/**
 * Starts PostgreSQL out of the root file system `root` in a sandbox whose only writable directory is `dbPath`. It dies
 * with this process, however that dies.
 * @throws {Error} if it ends before it answers, with what it said
 */
export async function startPostgres(root: string, dbPath: string): Promise<Postgres> {
  const data = join(dbPath, 'documentdb');
  const logFile = join(data, 'postgres.log');
  mkdirSync(data, { recursive: true });
  // A socket's path may have 107 bytes; through the working directory it always has.
  process.chdir(data);
  const socketDirectory = '/proc/self/cwd';
  const sandbox = spawnSandbox(root, data, logFile);
  const ended = new Promise<void>((resolve) => sandbox.once('close', () => resolve()));
  const postgresPid = readPostgresPid(sandbox);
  await waitForAnswer(socketDirectory, sandbox, logFile);
  return {
    socketDirectory,
    ended,
    async stop() {
      process.kill(await postgresPid, 'SIGINT'); // a "fast" shutdown: clients are cut off, nothing is lost
      await ended;
    },
  };
}

function spawnSandbox(root: string, data: string, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    // A process group of its own: a Ctrl-C is for this process, which then shuts PostgreSQL down in order.
    return spawn('bwrap', [...sandboxArguments(root, data), '/bin/sh', '/sandbox/start-postgres.sh'], {
      stdio: ['ignore', 'inherit', log, 'pipe'],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

function sandboxArguments(root: string, data: string): string[] {
  const template = templateFolder();
  return [
    // In a user namespace the caller is somebody else, so PostgreSQL, which refuses to run as root, runs for root too.
    ...['--unshare-user', '--uid', '65534', '--gid', '65534'],
    // PostgreSQL is process 1 of its own process namespace: when it ends or is killed, the kernel ends all the others.
    ...['--unshare-pid', '--as-pid-1', '--die-with-parent', '--unshare-ipc', '--info-fd', '3'],
    ...['--tmpfs', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
    ...['--ro-bind', join(root, 'usr'), '/usr', '--ro-bind', join(root, 'etc'), '/etc'],
    ...['--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...['--ro-bind', __dirname, '/sandbox', '--bind', data, '/data'],
    ...(template === undefined ? [] : ['--bind', template, '/template']),
  ];
}

/** The process id of PostgreSQL outside its namespace, as bwrap tells it: a signal to bwrap would not reach it. */
async function readPostgresPid(sandbox: ChildProcess): Promise<number> {
  let info = '';
  for await (const chunk of sandbox.stdio[3] as Readable) info += String(chunk);
  return (JSON.parse(info) as { 'child-pid': number })['child-pid'];
}

/** Asks until PostgreSQL answers: at the first start it makes its cluster first, after a kill it recovers first. */
async function waitForAnswer(host: string, sandbox: ChildProcess, logFile: string): Promise<void> {
  const failure = once(sandbox, 'error').then(([error]) => Promise.reject(error as Error));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await Promise.race([answers(host), failure]))) {
    if (sandbox.exitCode !== null || sandbox.signalCode !== null || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start. It said:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    }
    await delay(POLL_MS);
  }
}

async function answers(host: string): Promise<boolean> {
  const client = new Client({ host, user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined); // told by the rejection below as well
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false; // not yet; whether it still may is for the caller to see
  } finally {
    await client.end();
  }
}
