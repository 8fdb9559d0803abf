import { once } from 'node:events';
import winston from 'winston';
import 'winston-mongodb';
import type { Peer } from './peer';

const COLLECTION = 'winston_log';

/** winston with its MongoDB transport on the application's client: one record per request, when it has been answered. */
export const winstonMongodb: Peer = {
  name: 'winston-mongodb',
  attach(app, connection) {
    const transport = new winston.transports.MongoDB({
      db: Promise.resolve(connection.getClient()),
      dbName: connection.name,
      collection: COLLECTION,
      leaveConnectionOpen: true,
    });
    const logger = winston.createLogger({ level: 'info', transports: [transport] });
    // winston's documentation: handle it, or a record that cannot be written ends the application.
    logger.on('error', (error) => console.error(error));
    app.use((req, res, next) => {
      res.on('finish', () => {
        logger.info(`${req.method} ${req.path}`, {
          actor: 'user_1',
          path: req.originalUrl,
          ip: req.ip,
          status: res.statusCode,
          role: 'member',
        });
      });
      next();
    });
    return Promise.resolve({
      async close() {
        const finished = once(logger, 'finish');
        logger.end();
        await finished;
      },
    });
  },
  records: (connection) => connection.db!.collection(COLLECTION).countDocuments(),
};
