import { type PoolClient } from 'pg';
import { type Command } from './command';
import { readsMajority, waitsForMajority } from './concerns';
import { type Engine } from './engine';
import { type FailPoints } from './fail-points';

/** What a majority is known to have, where that lags behind what is stored: fail points of the stand-in. */
export interface CommitPoint {
  /** The connection that a majority read sees an earlier state on; `undefined` where it sees what is there. */
  connectionFor(command: Command): Promise<PoolClient | undefined>;
  /** A command that waits for the majority has been answered: the commit point is the end of what is stored. */
  carriedOut(command: Command): void;
}

/** The commit point is the end of what is stored. */
export function createCommitPoint({ pool }: Engine, failPoints: FailPoints): CommitPoint {
  let kept: Promise<PoolClient> | undefined;
  let isStale = false;

  async function keep(): Promise<PoolClient> {
    const client = await pool.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select 1'); // the first statement takes the snapshot
    return client;
  }

  function letGo(): void {
    isStale = false;
    void kept?.then(async (client) => {
      await client.query('rollback').catch(() => undefined);
      client.release(true); // DocumentDB keeps what it knows of collections by connection
    });
    kept = undefined;
  }

  failPoints.onChange('standInMajorityCommitPoint', (isOn) => {
    letGo();
    if (isOn) kept = keep();
  });
  failPoints.onChange('standInStaleMajorityReads', (isOn, { forMS }) => {
    isStale = isOn;
    if (isOn && forMS !== undefined) setTimeout(letGo, Number(forMS)).unref();
    if (!isOn) letGo();
  });

  return {
    async connectionFor(command) {
      return isStale && readsMajority(command) ? kept : undefined;
    },
    carriedOut(command) {
      if (isStale && waitsForMajority(command)) letGo();
    },
  };
}
