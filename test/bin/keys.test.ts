import { createAudit } from '../support/create-audit';
import { ledgerOf } from '../../lib/audit';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { runHere } from './program';

describe('audit-ledger keys', () => {
  it('makes a key that is good, lists, rotates, narrows and revokes it, and records each step', async () => {
    const connection = await connect();
    const at = ['--uri', sharedDatabaseUri(), '--db', connection.name];
    const keys = (...args: string[]) => runHere(['keys', ...args, ...at, '--by', 'ops']);
    const audit = createAudit({ connection });
    const { keyCheck } = ledgerOf(audit);

    const made = await keys(
      'create',
      '--name',
      'billing',
      '--scope',
      'write',
      '--scope',
      'read',
      '--tenant',
      'acme',
    );
    const key = made.out.trim();
    const id = key.split('_')[1]!;
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^alk_[a-z2-7]{12}_[0-9A-Za-z]{49}\n$/),
    });
    expect(made.err).toContain('shown this once');
    expect(made.err).not.toContain(key);
    expect((await keyCheck.check(key)).key).toMatchObject({
      id,
      tenants: ['acme'],
      scopes: ['write', 'read'],
    });

    const listed = await keys('list', '--json');
    expect(JSON.parse(listed.out)).toMatchObject({ id, name: 'billing', revokedAt: null });
    expect((await keys('list')).out).toContain(`${id}  billing  write,read  tenants acme`);

    const rotated = (await keys('rotate', id, '--grace', '60')).out.trim();
    expect((await keys('narrow', id, '--scope', 'write')).code).toBe(0);
    expect(await keys('narrow', id, '--scope', 'export')).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be given more than it has'),
    });
    const fresh = ledgerOf(createAudit({ connection })).keyCheck;
    expect((await fresh.check(key)).key).toMatchObject({ scopes: ['write'] });
    expect((await fresh.check(rotated)).key).toMatchObject({ scopes: ['write'] });

    expect((await keys('revoke', id)).code).toBe(0);
    expect(await ledgerOf(createAudit({ connection })).keyCheck.check(rotated)).toMatchObject({
      reason: 'revoked',
    });
    await audit.flush();
    const steps = (await audit.list({ tenantId: 'system', order: 'asc', resource: id }))
      .filter(({ action }) => action !== 'ledger.key.used')
      .map(({ action, actor }) => [action, actor]);
    expect(steps).toEqual(
      ['created', 'rotated', 'narrowed', 'revoked'].map((step) => [`ledger.key.${step}`, 'ops']),
    );
  });

  it.each([
    [['make'], 'keys takes one of create, list'],
    [[], 'keys takes one of'],
    [['create', '--name', 'a', '--scope', 'write'], 'give --tenant, --tenant-prefix or --any-tenant'],
    [['create', '--name', 'a', '--any-tenant'], '--scope is missing'],
    [['create', '--scope', 'write', '--any-tenant'], '--name is missing'],
    [['create', '--name', 'a', '--scope', 'all', '--any-tenant'], '`scopes` must be a list of write'],
    [['create', '--name', 'a', '--scope', 'write', '--any-tenant', '--tenant', 'b'], 'give one of --tenant'],
    [['create', '--name', 'a', '--scope', 'write', '--tenant', 'system'], 'not `system`'],
    [['rotate'], 'keys rotate takes the id of one key'],
    [['rotate', 'abc'], 'There is no key "abc"'],
    [['rotate', 'abc', '--grace', '-1'], 'grace'],
    [['list', 'abc'], 'keys list takes no id'],
    [['list', '--name', 'a'], 'keys list takes no --name'],
  ])('refuses %j', async (args, why) => {
    const { code, err } = await runHere(['keys', ...args, '--uri', sharedDatabaseUri(), '--db', 'none']);
    expect(code).toBe(2);
    expect(err).toContain(why);
  });
});
