import { type Document } from 'bson';
import { setTimeout as wait } from 'node:timers/promises';
import { type Command } from './command';
import { CommandError, maxTimeExpired } from './errors';

/** What `mongod` with `enableTestCommands` does wrong on purpose: https://github.com/mongodb/mongo, docs/fail_points.md. */
export interface FailPoints {
  /**
   * Carries out `configureFailPoint`. Gives how often the fail point had been entered.
   * @throws {CommandError} for a fail point or mode that there is not
   */
  configure(command: Command): number;
  /** The data of a fail point that is on and takes a look at this; each look counts for `times` and `skip`. */
  enter(name: FailPointName, isMeant?: (data: Document) => boolean): Document | undefined;
  /** Whether a fail point is on, without entering it. */
  isOn(name: FailPointName): boolean;
  /** Called when a fail point is switched. */
  onChange(name: FailPointName, call: (isOn: boolean, data: Document) => void): void;
}

/** Those of `mongod`, and under `standIn…` what takes several members there. */
const NAMES = [
  'failCommand',
  'maxTimeAlwaysTimeOut',
  /** Hangs up behind a retryable write, which has been carried out. */
  'onPrimaryTransactionalWrite',
  /** No majority acknowledges anything: such writes and linearizable reads wait. */
  'standInMajorityAway',
  /** Keeps what the database holds now … */
  'standInMajorityCommitPoint',
  /** … and shows it to majority reads, as a new primary does before the first write of its term is committed. */
  'standInStaleMajorityReads',
  /** An insert stores so many documents (`size`) at a time, as `mongod` does: others see its beginning. */
  'standInInsertBatches',
] as const;
export type FailPointName = (typeof NAMES)[number];

interface FailPoint {
  skip: number;
  /** How often it is entered from now on. */
  times: number;
  entered: number;
  data: Document;
}

/** All of them off. */
export function createFailPoints(): FailPoints {
  const points = new Map<string, FailPoint>();
  const listeners = new Map<string, (isOn: boolean, data: Document) => void>();
  const pointOf = (name: string): FailPoint => {
    const point = points.get(name) ?? { skip: 0, times: 0, entered: 0, data: {} };
    points.set(name, point);
    return point;
  };
  return {
    configure({ arguments: { configureFailPoint: name, mode, data = {} } }) {
      if (!(NAMES as readonly unknown[]).includes(name))
        throw new CommandError(209, 'FailPointSetFailed', `${String(name)} not found`);
      const point = pointOf(name as string);
      Object.assign(point, readMode(mode), { data: plain(data) });
      listeners.get(name as string)?.(point.times > 0, point.data);
      return point.entered;
    },
    enter(name, isMeant = () => true) {
      const point = pointOf(name);
      if (point.times === 0 || !isMeant(point.data)) return undefined;
      if (point.skip > 0) {
        point.skip--;
        return undefined;
      }
      point.times--;
      point.entered++;
      return point.data;
    },
    isOn: (name) => pointOf(name).times > 0,
    onChange: (name, call) => void listeners.set(name, call),
  };
}

function readMode(mode: unknown): Pick<FailPoint, 'skip' | 'times'> {
  if (mode === 'off') return { skip: 0, times: 0 };
  if (mode === 'alwaysOn') return { skip: 0, times: Infinity };
  const { times, skip } = (mode ?? {}) as { times?: unknown; skip?: unknown };
  if (times !== undefined) return { skip: 0, times: Number(times) };
  if (skip !== undefined) return { skip: Number(skip), times: Infinity };
  throw new CommandError(2, 'BadValue', `'mode' must be 'off', 'alwaysOn', { times: n } or { skip: n }`);
}

/** Numbers as numbers: what came as `int64` is a bigint here. */
function plain(data: unknown): Document {
  return JSON.parse(
    JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  ) as Document;
}

/** The connection is to be closed, without an answer and without a word in the log. */
export class HangUp extends Error {
  override name = 'HangUp';
}

/** What `failCommand` does to a command before it is carried out. */
export async function failBefore(failPoints: FailPoints, command: Command, appName: string): Promise<void> {
  const limit = command.arguments['maxTimeMS'];
  if (limit !== undefined && Number(limit) > 0 && failPoints.enter('maxTimeAlwaysTimeOut'))
    throw maxTimeExpired();
  const data = failPoints.enter(
    'failCommand',
    (data) =>
      isMeant(data, command, appName) &&
      (data['closeConnection'] === true ||
        data['blockConnection'] === true ||
        data['errorCode'] !== undefined),
  );
  if (!data) return;
  if (data['blockConnection'] === true) await block(Number(data['blockTimeMS']), limit);
  if (data['closeConnection'] === true) throw new HangUp();
  const { errorCode, errorLabels } = data as { errorCode?: number; errorLabels?: string[] };
  if (errorCode === undefined) return;
  const details = errorLabels === undefined ? {} : { errorLabels };
  throw new CommandError(
    errorCode,
    `Error${errorCode}`,
    "Failing command via 'failCommand' failpoint",
    details,
  );
}

/** What `failCommand` adds to the reply of a command that was carried out. */
export function failWriteConcern(
  failPoints: FailPoints,
  command: Command,
  appName: string,
): Document | undefined {
  const isFailing = (data: Document) =>
    data['writeConcernError'] !== undefined && isMeant(data, command, appName);
  const data = failPoints.enter('failCommand', isFailing);
  if (!data) return undefined;
  const { writeConcernError, errorLabels } = data;
  return { writeConcernError: writeConcernError as Document, ...(errorLabels && { errorLabels }) };
}

function isMeant(data: Document, { name, database, collection }: Command, appName: string): boolean {
  const names = ((data['failCommands'] ?? []) as string[]).map((each) => each.toLowerCase());
  if (!names.includes(name) || name === 'configurefailpoint') return false;
  if (data['appName'] !== undefined && data['appName'] !== appName) return false;
  return data['namespace'] === undefined || data['namespace'] === `${database}.${collection}`;
}

/** @throws {CommandError} MaxTimeMSExpired, where the command may not take as long. */
async function block(time: number, limit: unknown): Promise<void> {
  const isLate = limit !== undefined && Number(limit) > 0 && Number(limit) < time;
  await wait(isLate ? Number(limit) : time);
  if (isLate) throw maxTimeExpired();
}
