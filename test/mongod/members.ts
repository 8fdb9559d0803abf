import { MongoMemoryReplSet } from 'mongodb-memory-server';
import mongoose, { type Connection } from 'mongoose';
import { findMongod } from '../support/mongod-binary';

/** A replica set of three members. */
export interface Members {
  uri: string;
  /** Makes another member primary. */
  stepDown(): Promise<void>;
  /** Kills the primary, and starts it again. */
  killPrimary(): Promise<void>;
  /** Holds back what the secondaries apply, so that nothing is acknowledged by a majority. */
  holdMajority(isHeld: boolean): Promise<void>;
  stop(): Promise<void>;
}

const QUICK_ELECTIONS = { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 };

export async function startMembers(): Promise<Members> {
  const { binary, args } = await findMongod(console.error);
  const set = new MongoMemoryReplSet({
    binary,
    replSet: {
      name: 'rs3',
      count: 3,
      args: [...args, '--setParameter', 'enableTestCommands=1'],
      storageEngine: 'wiredTiger',
      configSettings: QUICK_ELECTIONS,
    },
  });
  await set.start();
  const uri = set.getUri();

  async function onEach(work: (member: Connection, isPrimary: boolean, port: number) => Promise<unknown>) {
    for (const { instanceInfo } of set.servers) {
      const port = instanceInfo?.port ?? 0;
      const direct = `mongodb://127.0.0.1:${port}/admin?directConnection=true`;
      const member = await mongoose.createConnection(direct).asPromise();
      try {
        const { isWritablePrimary } = await member.db!.command({ hello: 1 });
        await work(member, isWritablePrimary === true, port);
      } finally {
        await member.close(true);
      }
    }
  }

  return {
    uri,
    async stepDown() {
      await onEach(async (member, isPrimary) => {
        if (!isPrimary) return;
        // The connection may be closed instead of an answer.
        await member.db!.command({ replSetStepDown: 10, force: true }).catch(() => undefined);
      });
    },
    async killPrimary() {
      let killed: number | undefined;
      await onEach((_, isPrimary, port) => {
        if (isPrimary) killed = port;
        return Promise.resolve();
      });
      const server = set.servers.find(({ instanceInfo }) => instanceInfo?.port === killed);
      server?.instanceInfo?.instance.mongodProcess?.kill('SIGKILL');
      await server?.stop({ doCleanup: false }).catch(() => undefined);
      await server?.start(true);
    },
    async holdMajority(isHeld) {
      const mode = isHeld ? 'alwaysOn' : 'off';
      await onEach(async (member, isPrimary) => {
        if (!isPrimary || !isHeld) await member.db!.command({ configureFailPoint: 'rsSyncApplyStop', mode });
      });
    },
    stop: async () => {
      await set.stop();
    },
  };
}
