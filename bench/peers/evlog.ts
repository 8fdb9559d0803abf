import {
  auditEnricher,
  auditOnly,
  type DrainContext,
  initLogger,
  signed,
  type SignedChainState,
} from 'evlog';
import { evlog as evlogMiddleware } from 'evlog/express';
import { createDrainPipeline } from 'evlog/pipeline';
import { type Connection, mongo } from 'mongoose';
import { brokenLinks, type Link } from './links';
import { ACTION, type Peer, REFUSAL } from './peer';

const COLLECTION = 'evlog';
const DUPLICATE_KEY = 11000;

/** evlog's audit: hash-chained by `signed`, then sent in batches by its pipeline. */
export const evlog: Peer = {
  name: 'evlog, signed',
  attach(app, connection, { shared }) {
    const pipeline = createDrainPipeline<DrainContext>({
      batch: { size: 50, intervalMs: 5000 },
      retry: { maxAttempts: 3, backoff: 'exponential', initialDelayMs: 1000 },
      maxBufferSize: 10_000, // as many as this package holds; of the default, 1000, a flood leaves nothing
      onDropped: (events, error) => console.error(`Dropped ${events.length} events:`, error?.message),
    });
    const drain = pipeline((batch) => insert(connection, batch));
    const sign = signed(drain, {
      strategy: 'hash-chain',
      ...(shared && { state: chainState(connection) }),
    });
    let last: void | Promise<void>;
    const audits = auditOnly((ctx) => (last = sign(ctx)), { await: true });
    initLogger({ env: { service: 'bench' }, drain: audits, silent: true }); // it would print each event as well
    app.use(evlogMiddleware({ enrich: auditEnricher() }));

    // Events are hashed one after the other before the pipeline gets them, and its flush does not know of those.
    const flush = async (): Promise<void> => {
      await last;
      await drain.flush();
    };
    return Promise.resolve({
      invited: (req, id) =>
        req.log?.audit({
          action: ACTION,
          actor: { type: 'user', id: 'user_1' },
          target: { type: 'invite', id, role: 'member' },
        }),
      refused: (req) =>
        req.log?.audit.deny('Not signed in', { action: REFUSAL, actor: { type: 'system', id: 'anonymous' } }),
      flush,
      close: flush,
    });
  },
  records: (connection) => connection.db!.collection(COLLECTION).countDocuments(),
  async chain(connection) {
    const records = connection.db!.collection<{ audit: Link }>(COLLECTION).find();
    return brokenLinks((await records.toArray()).map(({ audit }) => audit));
  },
};

/** Stores a batch; one that is tried again has its `_id`s already, so that nothing is stored twice. */
async function insert(connection: Connection, batch: DrainContext[]): Promise<void> {
  const events: mongo.Document[] = batch.map(({ event }) => event);
  try {
    await connection.db!.collection(COLLECTION).insertMany(events, { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
}

/** A lost connection is such an error as well, without any `writeErrors`. */
function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof mongo.MongoBulkWriteError)) return false;
  const codes = [error.writeErrors].flat().map(({ code }) => code);
  return codes.length > 0 && codes.every((code) => code === DUPLICATE_KEY);
}

/** The head of the chain in the database, which is what evlog has for several processes. */
function chainState(connection: Connection): SignedChainState {
  const heads = connection.db!.collection<{ _id: string; hash: string }>('evlog_head');
  return {
    load: async () => (await heads.findOne({ _id: COLLECTION }))?.hash ?? null,
    async save(hash) {
      await heads.updateOne({ _id: COLLECTION }, { $set: { hash } }, { upsert: true });
    },
  };
}
