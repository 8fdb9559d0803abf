import mongoose from 'mongoose';
import { createIdleAudit, createOneAudit } from '../../models/one-audit';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { eventually } from '../support/eventually';

const fixed = { isReplaced: false };
const edited = { isReplaced: true };

describe('one ledger in the process', () => {
  it('is made once, whatever functions a copy of a module gives', async () => {
    const connection = await connect();
    const options = () => ({ connection, redact: { names: ['a'], replace: () => 'x' } });
    const audit = createOneAudit(options(), fixed);
    expect(createOneAudit(options(), fixed)).toBe(audit);
    await audit.close();
  });

  it('is refused with other options, and tells which', async () => {
    const connection = await connect();
    const audit = createOneAudit({ connection, ledger: 'a.example' }, fixed);
    expect(() => createOneAudit({ connection, ledger: 'b.example', defaultTenant: 'acme' }, fixed)).toThrow(
      /another `ledger`, `defaultTenant`|another `defaultTenant`, `ledger`/,
    );
    const other = createOneAudit({ connection, ledger: 'b.example', collections: 'second' }, fixed);
    expect(other).not.toBe(audit);
    await Promise.all([audit.close(), other.close()]);
  });

  it('is replaced where options are edited, and closed; who holds the old one goes on with the other', async () => {
    const connection = await connect();
    const old = createOneAudit({ connection }, edited);
    await old.event({ tenantId: 'acme', action: 'first' });
    const second = createOneAudit({ connection, defaultTenant: 'acme' }, edited);
    expect(second).not.toBe(old);
    createOneAudit({ connection }, edited); // edited back
    const third = createOneAudit({ connection, defaultTenant: 'globex' }, edited);
    await second.event({ action: 'second' });
    await old.event({ action: 'third' });
    expect((await third.list({ tenantId: 'globex' })).map(({ action }) => action)).toEqual([
      'third',
      'second',
    ]);
    await old.close();
    await expect(third.event({ action: 'a' })).rejects.toMatchObject({ code: 'CLOSED' });
    await eventually(async () => {
      const own = await connection.collection('audit_entries').find({ tenantId: 'system' }).toArray();
      const lives = (action: string) => own.filter((entry) => entry['action'] === action).length;
      expect(lives('ledger.started')).toBe(lives('ledger.stopped'));
    });
  });

  it('is made anew once it was closed', async () => {
    const connection = await connect();
    const old = createOneAudit({ connection }, fixed);
    await old.close();
    const audit = createOneAudit({ connection }, fixed);
    expect(audit).not.toBe(old);
    await audit.close();
  });

  it('is one although each copy of a module opens a connection, but not of two databases', async () => {
    const warned: string[] = [];
    const logger = { warn: (text: string) => void warned.push(text), error: () => undefined };
    const dbName = `test_${new mongoose.Types.ObjectId().toHexString()}`;
    const opened = [dbName, dbName, `${dbName}_b`].map((name) =>
      mongoose.createConnection(sharedDatabaseUri(), { dbName: name }),
    );
    const [first, again, other] = opened.map((connection) => createOneAudit({ connection, logger }, fixed));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(warned).toEqual([expect.stringContaining('another connection to the same database')]);
    await Promise.all(opened.map((connection) => connection.asPromise()));
    await Promise.all([first?.close(), other?.close()]);
    await Promise.all(
      opened.map(async (connection) => (await connection.dropDatabase(), connection.close())),
    );
  });
});

describe('an idle ledger', () => {
  it('records nothing, and says why', async () => {
    const connection = await connect();
    const logger = { warn: () => undefined, error: () => undefined };
    const audit = createIdleAudit(
      { connection, logger, spool: { directory: '/nowhere/at/all' } },
      'it is a build',
    );
    await expect(audit.event({ tenantId: 'acme', action: 'a' })).rejects.toThrow('it is a build');
    void audit.event({ tenantId: 'acme', action: 'a' });
    expect(await connection.collection('audit_entries').countDocuments()).toBe(0);
  });
});
