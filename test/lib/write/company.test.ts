import mongoose, { type Connection } from 'mongoose';
import { type Audit, createAudit } from '../../../index';
import { Company } from '../../../lib/write/company';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';

const event = { tenantId: 't', action: 'a.b' };

async function waited(company: Company): Promise<number> {
  const begun = performance.now();
  await company.wait();
  return performance.now() - begun;
}

describe('company', () => {
  it('is waited for some 50 ms', async () => {
    expect(await waited(new Company())).toBeGreaterThan(45);
  });

  it('is not waited for once somebody is in a hurry, before or meanwhile', async () => {
    const company = new Company();
    company.hurry();
    expect(await waited(company)).toBeLessThan(40);
    const waiting = waited(company);
    company.hurry();
    expect(await waiting).toBeLessThan(40);
  });

  it('is waited for again after a hurry', async () => {
    const company = new Company();
    company.hurry();
    await company.wait();
    expect(await waited(company)).toBeGreaterThan(45);
  });
});

describe('events that nobody awaits', () => {
  let connection: Connection;
  let audit: Audit;
  /** How many entries of the tenant each insert had. */
  let inserts: number[];

  beforeEach(async () => {
    const { name } = await connect();
    const options = { dbName: name, monitorCommands: true };
    connection = await mongoose.createConnection(sharedDatabaseUri(), options).asPromise();
    audit = createAudit({ connection });
    await audit.event(event);
    inserts = [];
    connection.getClient().on('commandStarted', ({ command }) => {
      const documents = command['documents'] as { tenantId: string }[] | undefined;
      if (command['insert'] === 'audit_entries' && documents?.[0]?.tenantId === 't')
        inserts.push(documents.length);
    });
  });
  afterEach(async () => {
    await audit.close();
    await connection.close();
  });

  async function recorded(count: number): Promise<void> {
    let left = count;
    await new Promise<void>((resolve) => audit.on('recorded', () => --left === 0 && resolve()));
  }

  it('gather into one insert though they come one after another', async () => {
    const all = recorded(5);
    for (let n = 0; n < 5; n++) {
      void audit.event(event);
      await new Promise(setImmediate);
    }
    await all;
    expect(inserts).toEqual([5]);
  });

  it('are recorded without anybody in a hurry', async () => {
    const one = recorded(1);
    void audit.event(event);
    await one;
    expect(inserts).toEqual([1]);
  });

  it('are taken along by the next that somebody awaits', async () => {
    void audit.event(event);
    void audit.event(event);
    const { seq } = await audit.event(event);
    expect(seq).toBe(4);
    expect(inserts).toEqual([3]);
  });
});
