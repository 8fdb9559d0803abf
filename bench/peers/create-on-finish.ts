import { type Connection, Schema } from 'mongoose';
import type { Peer } from './peer';

const MODEL = 'Log';

/** What is written without a package: one document per request, inserted when the response has been sent. */
export const createOnFinish: Peer = {
  name: '`Model.create` on `finish`',
  async attach(app, connection) {
    const Log = logModel(connection);
    await Log.init();
    const pending = new Set<Promise<unknown>>();
    app.use((req, res, next) => {
      res.on('finish', () => {
        const record = {
          actor: 'user_1',
          action: `${req.method} ${req.path}`,
          path: req.originalUrl,
          ip: req.ip,
          status: res.statusCode,
          at: new Date(),
          metadata: { role: 'member' },
        };
        const created = Log.create(record)
          .catch(console.error)
          .finally(() => pending.delete(created));
        pending.add(created);
      });
      next();
    });
    // Nothing waits for a record but the orderly end: without that it would lose what is under way.
    const close = async (): Promise<void> => {
      await Promise.all(pending);
    };
    return { close };
  },
  records: (connection) => logModel(connection).countDocuments(),
};

function logModel(connection: Connection) {
  return (
    connection.models[MODEL] ??
    connection.model(
      MODEL,
      new Schema({
        actor: String,
        action: String,
        path: String,
        ip: String,
        status: Number,
        at: Date,
        metadata: Object,
      }),
    )
  );
}
