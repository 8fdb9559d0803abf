import mongoose from 'mongoose';
import * as index from '../index';
import { sharedDatabaseUri } from './support/database';
import { eventually } from './support/eventually';

// In a file of its own: no other ledger may start on mongoose's own connection.
describe('the ledger on mongoose’s own connection', () => {
  const dbName = `test_${new mongoose.Types.ObjectId().toHexString()}`;
  afterAll(async () => {
    await mongoose.connection.dropDatabase();
    await mongoose.connection.close();
  });

  it('is one in the process, whichever copy of the package asks for it', async () => {
    index.auditMiddleware();
    index.auditRouter();
    jest.isolateModules(() => {
      jest.doMock('mongoose', () => mongoose);
      const copy = jest.requireActual<typeof index>('../index');
      expect(copy.auditMiddleware).not.toBe(index.auditMiddleware);
      copy.auditMiddleware();
      copy.auditRouter();
    });
    await mongoose.connect(sharedDatabaseUri(), { dbName });
    const starts = () =>
      mongoose.connection.collection('audit_entries').find({ action: 'ledger.started' }).toArray();
    await eventually(async () => expect(await starts()).not.toHaveLength(0));
    const audit = index.createAudit(); // a ledger besides: its start comes after those of all before it
    await audit.flush();
    await eventually(async () => expect((await starts()).length).toBeGreaterThanOrEqual(2));
    await audit.close();
    expect(await starts()).toHaveLength(2);
  });
});
