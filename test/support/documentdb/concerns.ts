import { type Document } from 'bson';
import { setTimeout as wait } from 'node:timers/promises';
import { type Command } from './command';
import { CommandError, maxTimeExpired } from './errors';
import { type FailPoints } from './fail-points';
import { isInTransaction } from './transactions';

/** How often it is looked whether the majority is back, in milliseconds. */
const INTERVAL = 10;

const LEVELS = ['local', 'available', 'majority', 'linearizable', 'snapshot'];
const ENDINGS = new Set(['committransaction', 'aborttransaction']);
const WRITES = new Set(['insert', 'update', 'delete', 'findandmodify', 'createindexes', 'create', 'drop']);
const READS = new Set(['find', 'count', 'distinct', 'getmore', 'listindexes', 'listcollections']);

/**
 * Refuses what `mongod` refuses of read and write concerns: levels that there are not, and options of the whole
 * transaction on one of its statements.
 * @throws {CommandError} InvalidOptions, BadValue, NotAReplicaSet
 */
export function assertConcerns(command: Command, isReplicaSet: boolean): void {
  const { name } = command;
  const { readConcern, writeConcern, startTransaction } = command.arguments as Record<string, Document>;
  const level: unknown = readConcern?.['level'];
  if (level !== undefined && !LEVELS.includes(level as string))
    throw new CommandError(
      2,
      'BadValue',
      `Enumeration value '${level as string}' for field 'readConcern.level' is not a valid value.`,
    );
  if (isInTransaction(command)) {
    if (writeConcern && !ENDINGS.has(name))
      throw invalid('writeConcern is not allowed within a multi-statement transaction');
    if (readConcern && (startTransaction as unknown) !== true)
      throw invalid('Only the first command in a transaction may specify a readConcern');
  }
  if (level !== undefined && WRITES.has(name) && !isInTransaction(command))
    throw invalid(`Command ${name} does not support { readConcern: { level: "${level as string}" } }`);
  if (writeConcern && READS.has(name)) throw invalid(`Command ${name} does not support writeConcern`);
  if (level === 'linearizable' && !isReplicaSet)
    throw new CommandError(
      123,
      'NotAReplicaSet',
      'node needs to be a replica set member to use linearizable read concern',
    );
}

/** Whether a command reads what a majority has. */
export function readsMajority({ arguments: { readConcern } }: Command): boolean {
  return (readConcern as Document | undefined)?.['level'] === 'majority';
}

/** Whether a command waits until a majority has all that is there. */
export function waitsForMajority({ arguments: { readConcern, writeConcern } }: Command): boolean {
  return (
    (readConcern as Document | undefined)?.['level'] === 'linearizable' ||
    (writeConcern as Document | undefined)?.['w'] === 'majority'
  );
}

/**
 * Waits as long as the majority is away.
 * @returns the write-concern error of a write that has waited long enough
 * @throws {CommandError} MaxTimeMSExpired, for a read or write that has a limit
 */
export async function waitForMajority(
  failPoints: FailPoints,
  command: Command,
): Promise<Document | undefined> {
  if (!waitsForMajority(command)) return undefined;
  const { writeConcern, maxTimeMS } = command.arguments as Record<string, unknown>;
  const wtimeout = Number((writeConcern as Document | undefined)?.['wtimeout'] ?? 0) || Infinity;
  const limit = Number(maxTimeMS ?? 0) || Infinity;
  const begun = performance.now();
  while (failPoints.isOn('standInMajorityAway')) {
    const waited = performance.now() - begun;
    if (waited >= limit) throw maxTimeExpired();
    if (waited >= wtimeout) return timedOut(writeConcern as Document);
    await wait(INTERVAL);
  }
  return undefined;
}

/** What is wrong with the write concern of a write that was carried out: no member can fulfil it. */
export function unsatisfiable({ arguments: { writeConcern } }: Command): Document | undefined {
  const w: unknown = (writeConcern as Document | undefined)?.['w'];
  if (typeof w === 'string' && w !== 'majority')
    return {
      code: 79,
      codeName: 'UnknownReplWriteConcern',
      errmsg: `No write concern mode named '${w}' found in replica set configuration`,
    };
  if (typeof w === 'number' && w > 1)
    return {
      code: 100,
      codeName: 'UnsatisfiableWriteConcern',
      errmsg: 'Not enough data-bearing nodes',
    };
  return undefined;
}

function timedOut(writeConcern: Document): Document {
  return {
    code: 64,
    codeName: 'WriteConcernTimeout',
    errmsg: 'waiting for replication timed out',
    errInfo: { wtimeout: true, writeConcern },
  };
}

function invalid(message: string): CommandError {
  return new CommandError(72, 'InvalidOptions', message);
}
