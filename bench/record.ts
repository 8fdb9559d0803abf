import type { Connection, mongo } from 'mongoose';
import type { AuditEvent } from '../index';
import { createAudit } from './built';
import { ENTRIES } from '../models/append-only/audit-entry';
import { INDEXES } from '../models/indexes';
import { compare, perSecond } from './measure';

const EVENTS = 10_000;
const ONE_BY_ONE = 500;
const CALLERS = 20;

function event(n: number): AuditEvent {
  return {
    tenantId: 'acme',
    action: 'org.member.invite',
    actor: { id: `user_${n % 50}`, type: 'user' },
    resource: `invite_${n}`,
    metadata: { role: 'member', email: `user${n}@example.com` },
    context: { ipAddress: '203.0.113.9', method: 'POST', route: '/team/invites', statusCode: 201 },
  };
}

/** Recording 10,000 events: in a batch, awaited one by one, and what the database does with the same documents. */
export async function benchRecording(connect: () => Promise<Connection>): Promise<void> {
  const documents = await storedDocuments(await connect());
  await compare(`Recording ${EVENTS} events`, 'events/s', 5, [
    { name: 'insertMany of the same documents and indexes', run: () => rawInsert(connect, documents) },
    { name: 'batch()', run: () => batch(connect) },
    { name: `event(), ${CALLERS} callers that await each`, run: () => awaited(connect, CALLERS) },
    { name: 'event(), awaited one by one', run: () => awaited(connect, 1) },
  ]);
}

async function storedDocuments(connection: Connection): Promise<mongo.Document[]> {
  const audit = createAudit({ connection });
  const batch = audit.batch();
  for (let n = 0; n < EVENTS; n++) batch.event(event(n));
  await batch.commit();
  return connection.db!.collection(ENTRIES).find().toArray();
}

async function rawInsert(connect: () => Promise<Connection>, documents: mongo.Document[]): Promise<number> {
  const connection = await connect();
  const raw = connection.db!.collection(ENTRIES);
  await raw.createIndexes(INDEXES.map(({ key, unique }) => ({ key, unique: unique ?? false })));
  const figure = await perSecond(EVENTS, () =>
    raw.insertMany(documents, { writeConcern: { w: 'majority' } }),
  );
  await connection.dropDatabase();
  return figure;
}

/** From the first `event` of the batch to the last receipt. */
async function batch(connect: () => Promise<Connection>): Promise<number> {
  const connection = await connect();
  const audit = createAudit({ connection });
  await audit.event(event(0)); // makes the indexes
  const figure = await perSecond(EVENTS, () => {
    const batch = audit.batch();
    for (let n = 0; n < EVENTS; n++) batch.event(event(n));
    return batch.commit();
  });
  await connection.dropDatabase();
  return figure;
}

async function awaited(connect: () => Promise<Connection>, callers: number): Promise<number> {
  const connection = await connect();
  const audit = createAudit({ connection });
  await audit.event(event(0));
  const figure = await perSecond(ONE_BY_ONE * callers, () =>
    Promise.all(
      Array.from({ length: callers }, async () => {
        for (let n = 0; n < ONE_BY_ONE; n++) await audit.event(event(n));
      }),
    ),
  );
  await connection.dropDatabase();
  return figure;
}
