import { execFileSync, spawnSync } from 'node:child_process';
import mongoose from 'mongoose';

/** What is to be tried by hand on a real cluster: programs are needed that no test starts. */
const BY_HAND = [
  'roles: start a mongod with --auth, run what `audit-ledger role` prints by mongosh, and use the ledger as auditWriter alone, a reader with readOnly as auditReader',
  "two shards: shard the entries by { tenantId: 'hashed' }, record while moveChunk runs, and verify; { tenantId: 1, seq: 1 } must be refused",
  'backups: mongodump --oplog, mongorestore into another database, and verify; then restore under a running process',
];

/** Tests of what only the stand-in has: several members do it in checks.ts. */
const STAND_IN = ['/node_modules/', '\\.stand-in\\.test\\.ts$', '/test/support/documentdb/'];

/** Runs the whole suite and the checks with several members on a real mongod. Never passes without one. */
async function main(): Promise<void> {
  const given = process.env['MONGODB_URI'];
  const missing = given === undefined ? missingBinary() : await whyNot(given);
  if (missing !== undefined) return fail(missing);
  const suite = jest(
    ...(given === undefined ? [] : ['-i']), // fail points are the whole server's
    ...STAND_IN.flatMap((pattern) => ['--testPathIgnorePatterns', pattern]),
  );
  console.log('\nChecks with three members, which are started here:');
  const binary = missingBinary();
  if (binary !== undefined) console.error(`FAILED: ${binary}`);
  const checks = binary === undefined && jest('-i', '--testMatch', '**/test/mongod/checks.ts');
  console.log(`\nTo be tried by hand:\n${BY_HAND.map((what) => `- ${what}`).join('\n')}`);
  if (!suite || !checks) process.exitCode = 1;
}

function jest(...args: string[]): boolean {
  return spawnSync('npx', ['jest', ...args], { stdio: 'inherit' }).status === 0;
}

/** Why there is no `mongod` in the `PATH`; nothing when there is one. */
function missingBinary(): string | undefined {
  try {
    const said = execFileSync('mongod', ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (/^db version v[5-9]\./m.test(said)) return undefined;
    return 'the mongod in the PATH is none of MongoDB 5 or later.';
  } catch {
    return 'there is no mongod in the PATH.';
  }
}

/** Why a server is none to be tested; nothing when it is a member of a replica set of MongoDB, with fail points. */
async function whyNot(uri: string): Promise<string | undefined> {
  const connection = mongoose.createConnection(uri, { serverSelectionTimeoutMS: 10_000 });
  try {
    const { db } = await connection.asPromise();
    const hello = await db!.admin().command({ hello: 1 });
    if (hello['topologyVersion'] === undefined) return 'MONGODB_URI names a server that is no mongod.';
    if (hello['setName'] === undefined) return 'MONGODB_URI names a mongod that is no replica set.';
    await db!.admin().command({ configureFailPoint: 'failCommand', mode: 'off' });
    return undefined;
  } catch (error) {
    const mend = 'start it with --setParameter enableTestCommands=1';
    return `MONGODB_URI names a server that cannot be used (${(error as Error).message}): ${mend}.`;
  } finally {
    await connection.close(true);
  }
}

function fail(what: string): void {
  console.error(`Nothing was tested: ${what}
Do one of these:
- put a mongod of MongoDB 5 to 8 into the PATH: three members are started from it;
- set MONGODB_URI to a replica set whose databases may be written to and dropped, started with
  --setParameter enableTestCommands=1. Tests that stop their server fail there, and say so.`);
  process.exitCode = 1;
}

void main();
