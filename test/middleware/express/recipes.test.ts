import type { Connection } from 'mongoose';
import request from 'supertest';
import { type Audit, auditMiddleware } from '../../../index';
import { createAudit } from '../../support/create-audit';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { connectWithTimeout } from '../../support/connect-with-timeout';
import { EXPRESSES, serve } from '../../support/served';

const quiet = { warn: () => undefined, error: () => undefined };
const QUEUE = 4;

let database: Database;
let connection: Connection;
let audit: Audit;
let errors: Error[];

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  connection = await connectWithTimeout(database.uri, `recipes_${Date.now()}`);
  audit = createAudit({ connection, limits: { queueEvents: QUEUE }, logger: quiet });
  errors = [];
  audit.on('error', (error) => errors.push(error));
  await audit.event({ tenantId: 't', action: 'a.b' });
});
afterEach(async () => {
  await audit.close();
  await connection.close();
});

describe.each(EXPRESSES)('%s: while the database is away and the queue is full', (_, express) => {
  async function application(): Promise<string> {
    const identify = () => ({ tenantId: 't', actor: 'ada' });
    const app = express()
      .use(auditMiddleware({ audit, identify }))
      .post('/closed', (req, res, next) => {
        req.audit({ action: 'order.place' }).then(() => res.status(201).end(), next);
      })
      .post('/open', (req, res) => {
        void req.audit({ action: 'order.place' });
        res.status(201).end();
      });
    return (await serve(app)).url;
  }

  it('answers 503 where the event is awaited, and 2xx where it is not', async () => {
    const url = await application();
    await database.stop();
    for (let n = 0; n < QUEUE; n++) await request(url).post('/open').expect(201);
    expect(errors.filter((error) => (error as { code?: string }).code === 'QUEUE_FULL')).toEqual([]);

    await request(url).post('/closed').expect(503);
    await request(url).post('/open').expect(201);
    const refused = errors.filter((error) => (error as { code?: string }).code === 'QUEUE_FULL');
    expect(refused).toHaveLength(1); // the one that nobody awaits: the other's handler has answered 503

    await database.restart();
    await audit.flush();
    await request(url).post('/closed').expect(201);
    const recorded = await audit.list({ tenantId: 't', action: 'order.place' });
    expect(recorded).toHaveLength(QUEUE + 1); // and none of those refused
  });
});
