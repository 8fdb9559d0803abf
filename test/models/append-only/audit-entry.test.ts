import { Schema } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { auditEntryModel, ENTRIES } from '../../../models/append-only/audit-entry';
import { connect } from '../../support/connection';

describe('auditEntryModel', () => {
  it('is made once for a connection', async () => {
    const connection = await connect();
    expect(auditEntryModel(connection)).toBe(auditEntryModel(connection));
    expect(auditEntryModel(connection).collection.collectionName).toBe(ENTRIES);
  });

  it('reads what the ledger writes, empty objects and all', async () => {
    const connection = await connect();
    const metadata = { empty: {}, list: [], nested: { empty: {} } };
    const { hash } = await createAudit({ connection }).event({
      tenantId: 't',
      id: 'x',
      action: 'a.b',
      metadata,
    });
    const entry = await auditEntryModel(connection).findById('t:x').lean();
    expect(entry).toMatchObject({ tenantId: 't', seq: 1, action: 'a.b', metadata, hash });
  });

  it('makes no indexes by itself', async () => {
    const connection = await connect();
    await auditEntryModel(connection).init();
    const names = (await connection.db!.listCollections().toArray()).map(({ name }) => name);
    expect(names).not.toContain(ENTRIES);
  });

  it('refuses what the ledger never writes', async () => {
    const Entry = auditEntryModel(await connect());
    await expect(Entry.create({ _id: 'x', unknown: 1 })).rejects.toThrow(/unknown/);
    await expect(Entry.create({ _id: 'x', seq: 0, outcome: 'ok' })).rejects.toThrow(/seq.*|outcome.*/);
  });

  it('leaves names of models to the application', async () => {
    const connection = await connect();
    createAudit({ connection });
    expect(() => connection.model('AuditEntry', new Schema({ a: String }))).not.toThrow();
    createAudit({ connection, collections: 'other' });
    expect(connection.modelNames().filter((name) => !name.includes(':'))).toEqual(['AuditEntry']);
  });
});
