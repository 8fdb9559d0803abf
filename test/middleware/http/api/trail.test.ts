import type { Request } from 'express';
import supertest from 'supertest';
import { type Audit, auditRouter, type AuditRouterOptions, defineActions } from '../../../../index';
import { AlterableStore } from '../../../support/alterable-store';
import { SIGNING, verifierKeyOf } from '../../../support/evidence';
import { EXPRESSES, serve } from '../../../support/served';
import { testLedger } from '../../../support/served-ledger';

describe.each(EXPRESSES)('auditRouter in %s', (_name, express) => {
  let store: AlterableStore;
  let audit: Audit;
  beforeAll(async () => {
    store = new AlterableStore();
    ({ audit } = testLedger(store, SIGNING));
    const batch = audit.batch();
    for (let n = 0; n < 6; n++)
      batch.event({ tenantId: 'acme', id: `e${n}`, action: `org.a${n % 3}`, actor: n < 2 ? 'ada' : 'bob' });
    batch.event({ tenantId: 'globex', id: 'g', action: 'org.globex', actor: 'grace' });
    await batch.commit();
  });

  async function asking(options: AuditRouterOptions = {}, mount = '/audit') {
    const app = express();
    app.set('env', 'test');
    const identify = (req: Request) => ({ actor: 'ada', tenantId: req.get('x-tenant') ?? 'acme' });
    app.use(mount, auditRouter({ audit, identify, ...options }));
    const { url } = await serve(app);
    return (path: string, headers: Record<string, string> = {}) => supertest(url).get(path).set(headers);
  }

  describe('GET /session', () => {
    it('says whose trail it is, and who signs it', async () => {
      const { body } = await (await asking())('/audit/session').expect(200);
      const permissions = ['read', 'export', 'verify'];
      const verifierKey = verifierKeyOf('acme');
      expect(body).toEqual({ tenantId: 'acme', permissions, ledger: SIGNING.ledger, verifierKey });
    });

    it.each([[[]], [['verify']], [['read', 'export']]])('tells what is allowed: %j', async (allowed) => {
      const authorize = (_req: Request, permission: string) => allowed.includes(permission);
      const { body } = await (await asking({ authorize }))('/audit/session').expect(200);
      expect((body as { permissions: string[] }).permissions).toEqual(allowed);
    });

    it('tells what the actions are called that the application has defined', async () => {
      const actions = defineActions({
        'org.a': { title: { en: 'Did', de: 'Tat' } },
        'org.b': { title: 'Was' },
      });
      const { audit: defining } = testLedger(store, { ...SIGNING, actions });
      const ask = await asking({ audit: defining });
      const { body } = await ask('/audit/session').expect(200);
      expect((body as { titles: object }).titles).toEqual({
        'org.a': { en: 'Did', de: 'Tat' },
        'org.b': 'Was',
      });
      const described = await ask('/audit/actions?described&language=de').expect(200);
      expect((described.body as { described: object[] }).described).toEqual([
        { name: 'org.a', title: 'Tat' },
        { name: 'org.b', title: 'Was' },
      ]);
      expect((await ask('/audit/actions?described=false').expect(200)).body).not.toHaveProperty('described');
      await ask('/audit/actions?described=maybe').expect(400);
      await defining.close();
    });

    it('is for somebody', async () => {
      await (await asking({ identify: () => ({}) }))('/audit/session').expect(401);
    });
  });

  describe('GET /entries?faults=true', () => {
    it('shows what was altered beside the entries, and hides none', async () => {
      const { audit: other } = testLedger(store);
      const batch = other.batch();
      for (let n = 1; n <= 5; n++) batch.event({ tenantId: 'altered', action: 'a', id: `${n}` });
      await batch.commit();
      for (const seq of [2, 4]) store.alter('altered', seq, { actor: 7 });
      const ask = await asking({ tenant: () => 'altered' });
      await ask('/audit/entries').expect(500);
      await ask('/audit/entries?faults=false').expect(500);
      const { body } = await ask('/audit/entries?faults=true&limit=2').expect(200);
      const page = body as { entries: { seq: number }[]; nextCursor: string; faults: unknown };
      expect(page.entries.map(({ seq }) => seq)).toEqual([5]);
      expect(page.faults).toEqual([{ seq: 4, message: expect.stringContaining('actor') }]);
      const next = await ask(`/audit/entries?faults=true&cursor=${page.nextCursor}`).expect(200);
      expect(next.body).toMatchObject({
        entries: [{ seq: 3 }, { seq: 1 }],
        faults: [{ seq: 2 }],
        nextCursor: null,
      });
    });
  });

  it('gives the entry with a number', async () => {
    const ask = await asking();
    const { body } = await ask('/audit/chain/3').expect(200);
    expect(body).toEqual({ ...(await audit.get({ tenantId: 'acme', id: 'e2' })) });
    for (const seq of ['0', '7', '-1', '1.0', '1e0', 'x', '%00', '9007199254740993', '99999999999999999999'])
      await ask(`/audit/chain/${seq}`).expect(404);
    await ask('/audit/chain/2', { 'X-Tenant': 'globex' }).expect(404);
  });

  it('counts entries over time', async () => {
    const ask = await asking();
    const { body } = await ask('/audit/histogram?buckets=1').expect(200);
    expect(body).toMatchObject({ counts: [6], limit: null });
    const filtered = await ask('/audit/histogram?buckets=1&actor=ada').expect(200);
    expect(filtered.body).toMatchObject({ counts: [2], limit: 1000 });
    const elsewhere = await ask('/audit/histogram?buckets=1', { 'X-Tenant': 'globex' }).expect(200);
    expect(elsewhere.body).toMatchObject({ counts: [1] });
    await ask('/audit/histogram?buckets=0').expect(400);
    await ask('/audit/histogram?tenantId=globex').expect(400);
  });

  it('completes the names of actions', async () => {
    const ask = await asking();
    const namesFor = async (query: string, headers = {}) =>
      ((await ask(`/audit/actions${query}`, headers).expect(200)).body as { actions: string[] }).actions;
    expect(await namesFor('?prefix=org.')).toEqual(['org.a0', 'org.a1', 'org.a2']);
    expect(await namesFor('?limit=1')).toEqual(['org.a0']);
    expect(await namesFor('', { 'X-Tenant': 'globex' })).toEqual(['org.globex']);
    expect(await namesFor('?prefix=.*')).toEqual([]);
    await ask('/audit/actions?prefix[$ne]=x').expect(400);
  });

  describe('across tenants', () => {
    it('takes the tenant from the path that it is mounted at, which its own paths do not hide', async () => {
      const ask = await asking({ tenant: (req) => req.params['id'] as string }, '/tenants/:id/audit');
      const { body } = await ask('/tenants/globex/audit/entries').expect(200);
      expect(body).toMatchObject({ entries: [{ id: 'g' }] });
      await ask('/tenants/globex/audit/entries/g').expect(200);
      await ask('/tenants/acme/audit/entries/g').expect(404);
      await ask('/tenants/globex/audit/entries/acme').expect(404);
      await ask('/tenants/globex/audit/entries/e0/proof').expect(404);
    });

    it('asks `authorize` with the same path', async () => {
      const authorize = (req: Request) => req.params['id'] === 'acme';
      const ask = await asking({ tenant: (req) => req.params['id'] as string, authorize }, '/t/:id');
      await ask('/t/acme/entries/e0').expect(200);
      await ask('/t/globex/entries/acme').expect(403);
    });
  });

  describe('recordAccess', () => {
    const newest = async (tenantId: string) => (await audit.list({ tenantId, limit: 1 }))[0]!;
    let tenants = 0;
    let tenant: string;
    beforeEach(async () => {
      tenant = `access${tenants++}-${_name}`;
      await audit.event({ tenantId: tenant, action: 'first', id: 'first' });
    });

    it.each([
      ['/entries?actor=ada&limit=5', { route: '/entries', query: { actor: 'ada', limit: 5 } }],
      ['/entries/first', { route: '/entries/:id' }],
      ['/chain/1', { route: '/chain/:seq' }],
    ])('of all records who read %s', async (path, metadata) => {
      const ask = await asking({ recordAccess: 'all', tenant: () => tenant });
      await ask(`/audit${path}`).expect(200);
      expect(await newest(tenant)).toMatchObject({ action: 'audit.read', actor: 'ada', metadata, seq: 2 });
    });

    it('of all names what was read, and keeps no secret that was asked for', async () => {
      const ask = await asking({ recordAccess: 'all', tenant: () => tenant });
      await ask('/audit/entries/first').expect(200);
      expect(await newest(tenant)).toMatchObject({ resource: 'first' });
      await ask('/audit/entries?actor=Bearer%20abcdefghijklmnop0123456789').expect(200);
      expect(JSON.stringify(await newest(tenant))).not.toContain('abcdefghijklmnop');
    });

    it('of all records no counts and names, which a page asks for again and again', async () => {
      const ask = await asking({ recordAccess: 'all', tenant: () => tenant });
      for (const path of ['/histogram', '/actions', '/session', '/checkpoint', '/entries/first/proof'])
        await ask(`/audit${path}`);
      expect(await newest(tenant)).toMatchObject({ seq: 1 });
    });

    it('of all shows nothing that it cannot record', async () => {
      const closed = testLedger(store).audit;
      await closed.close();
      const ask = await asking({ audit: closed, recordAccess: 'all', tenant: () => tenant });
      const { text } = await ask('/audit/entries').expect(503);
      expect(text).not.toContain('first');
    });

    it('of all records nothing of who was not let in, or asked for nothing that there is', async () => {
      const options: AuditRouterOptions = { recordAccess: 'all', tenant: () => tenant };
      await (await asking({ ...options, authorize: () => false }))('/audit/entries').expect(403);
      await (await asking(options))('/audit/entries?limit=0').expect(400);
      expect(await newest(tenant)).toMatchObject({ seq: 1 });
    });

    it('of all records also who asks for what has too long a name', async () => {
      const ask = await asking({ recordAccess: 'all', tenant: () => tenant });
      for (const path of ['entries', 'chain']) {
        await ask(`/audit/${path}/${'9'.repeat(2000)}`).expect(404);
        expect(await newest(tenant)).toMatchObject({
          action: 'audit.read',
          resource: expect.stringMatching(/^9{959}…[0-9a-f]{64}$/),
        });
      }
    });

    it('of none gives no whole file of a chain whose end has no place in it', async () => {
      store.alter(tenant, 1, { seq: 'x' });
      const ask = await asking({ recordAccess: 'none', tenant: () => tenant });
      for (const path of ['export?proof=false', 'export?proof=false&format=csv', 'histogram?buckets=1']) {
        const { body } = await ask(`/audit/${path}`).expect(500);
        expect(body).toMatchObject({ code: 'ENTRY_ALTERED' });
      }
    });

    it.each(['exports', undefined] as const)('of %s records exports alone', async (recordAccess) => {
      const ask = await asking({ recordAccess, tenant: () => tenant });
      await ask('/audit/entries').expect(200);
      expect(await newest(tenant)).toMatchObject({ seq: 1 });
      await ask('/audit/export?proof=false').expect(200);
      expect(await newest(tenant)).toMatchObject({ seq: 2, action: 'audit.export', actor: 'ada' });
    });

    it('of none records what a file states of itself, and nothing else', async () => {
      const ask = await asking({ recordAccess: 'none', tenant: () => tenant });
      await ask('/audit/entries').expect(200);
      const { text } = await ask('/audit/export?proof=false&format=jsonl').buffer().expect(200);
      expect(
        text
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { id: string }).id),
      ).toEqual(['first']);
      expect(await newest(tenant)).toMatchObject({ seq: 1 });
      await ask('/audit/export').expect(200);
      expect(await newest(tenant)).toMatchObject({ seq: 2, action: 'audit.export' });
    });
  });
});
