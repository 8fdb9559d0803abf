import { ledgerOf } from '../../../lib/audit';
import type { KeyOptions } from '../../../lib/keys/key-options';
import { MemoryStore } from '../../../models/memory/memory-store';
import { eventually } from '../../support/eventually';
import { memoryLedger } from '../../support/memory-ledger';

const OPTIONS: KeyOptions = { name: 'billing', scopes: ['write'], tenants: ['acme'] };
const MINUTE = 60_000;

function ledger(store = new MemoryStore()) {
  const made = memoryLedger({}, store);
  const { keys } = made.audit;
  const steps = async () =>
    [...(await made.audit.list({ tenantId: 'system', order: 'asc' }))].map(({ action }) => action);
  const advance = (by: number) => made.advance(by);
  return {
    ...made,
    advance,
    keys,
    steps,
    check: (text: string) => ledgerOf(made.audit).keyCheck.check(text),
  };
}

describe('audit.keys', () => {
  it('keeps no key, only its digest, and shows it once', async () => {
    const { keys, store, audit } = ledger();
    const { key, id } = await keys.create({ ...OPTIONS, by: 'ops' });
    const [kept] = await store.keys();
    const secret = key.slice(21);
    for (const seen of [kept, await keys.list(), [...(await audit.list({ tenantId: 'system' }))]])
      expect(JSON.stringify(seen)).not.toContain(secret);
    expect(JSON.stringify(await keys.list())).not.toContain(kept!.secrets[0]!.digest);
    expect([...(await audit.list({ tenantId: 'system' }))]).toMatchObject([
      {
        action: 'ledger.key.created',
        actor: 'ops',
        resource: id,
        resourceName: 'billing',
        metadata: { scopes: ['write'], tenants: ['acme'], prefix: key.slice(0, 21) },
      },
    ]);
  });

  it('has two secrets while a key is rotated, and not a third', async () => {
    const { keys, check, advance } = ledger();
    const first = await keys.create(OPTIONS);
    const second = await keys.rotate(first.id, { graceSeconds: 3600 });
    expect((await check(first.key)).key).toMatchObject({ id: first.id });
    expect((await check(second.key)).key).toMatchObject({ id: first.id });
    const third = await keys.rotate(first.id, { graceSeconds: 3600 });
    expect(third.secrets).toHaveLength(2);
    expect((await check(first.key)).key).toBeNull();
    advance(3600_000);
    expect(await check(second.key)).toMatchObject({ key: null, reason: 'expired' });
    expect((await check(third.key)).key).toMatchObject({ id: first.id });
  });

  it('keeps a rotation that another process makes at the same time', async () => {
    const store = new MemoryStore();
    const [one, other] = [ledger(store), ledger(store)];
    const { id } = await one.keys.create(OPTIONS);
    const made = await Promise.all([one.keys.rotate(id), other.keys.rotate(id)]);
    const verdicts = await Promise.all(made.map(({ key }) => one.check(key)));
    expect(verdicts.map(({ key }) => key?.id)).toEqual([id, id]);
  });

  it('gives up, and says so, where others change a key at each try', async () => {
    const store = new MemoryStore();
    const { keys } = ledger(store);
    const { id } = await keys.create({ ...OPTIONS, expiresAt: '2030-01-01T00:00:00Z' });
    store.changeKey = () => Promise.resolve(false);
    await expect(keys.revoke(id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(keys.rotate(id)).rejects.toThrow('is being changed by others: try again');
  });

  it.each(['aaaaaaaaaaaa', 'no id', ''])('knows no key %p', async (id) => {
    await expect(ledger().keys.revoke(id)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('There is no key'),
    });
  });

  it('notes the first use once, on record, and the last at most once a minute', async () => {
    const store = new MemoryStore();
    const changes = jest.spyOn(store, 'changeKey');
    const { keys, check, steps, advance } = ledger(store);
    const { key } = await keys.create(OPTIONS);
    for (let i = 0; i < 50; i++) await check(key);
    await eventually(async () => expect(await steps()).toContain('ledger.key.used'));
    expect(changes).toHaveBeenCalledTimes(1);
    const [before] = await keys.list();
    advance(MINUTE);
    await check(key);
    await eventually(async () =>
      expect((await keys.list())[0]!.secrets[0]!.lastUsedAt! > before!.secrets[0]!.lastUsedAt!).toBe(true),
    );
    expect((await steps()).filter((step) => step === 'ledger.key.used')).toHaveLength(1);
    expect((await keys.list())[0]!.secrets[0]!.firstUsedAt).toBe(before!.secrets[0]!.firstUsedAt);
  });

  it('learns within five seconds that another process has revoked a key', async () => {
    const store = new MemoryStore();
    const [one, other] = [ledger(store), ledger(store)];
    const { key, id } = await one.keys.create(OPTIONS);
    expect((await other.check(key)).key).not.toBeNull();
    await one.keys.revoke(id);
    expect(await one.check(key)).toMatchObject({ reason: 'revoked' });
    other.advance(5000);
    expect(await other.check(key)).toMatchObject({ reason: 'revoked' });
    await expect(one.keys.rotate(id)).rejects.toThrow('was revoked');
  });

  it('takes rights away, and gives none', async () => {
    const { keys } = ledger();
    const { id } = await keys.create({ ...OPTIONS, scopes: ['write', 'read'], tenants: { prefix: 'eu-' } });
    for (const wider of [
      { scopes: ['export'] as const },
      { tenants: 'any' as const },
      { tenants: ['us-1'] },
      { tenants: { prefix: 'e' } },
    ])
      await expect(keys.narrow(id, wider)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(
      await keys.narrow(id, { scopes: ['write'], tenants: ['eu-1'], expiresAt: '2099-01-01T00:00:00Z' }),
    ).toMatchObject({
      scopes: ['write'],
      tenants: ['eu-1'],
      expiresAt: '2099-01-01T00:00:00.000Z',
    });
    await expect(keys.narrow(id, { expiresAt: null })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('says all that is wrong at once', async () => {
    const { keys, store } = ledger();
    const wrong = { name: '', scopes: ['all'], tenants: ['system'], expiresAt: 'soon', more: 1 } as never;
    await expect(keys.create(wrong)).rejects.toThrow(/`more`.*`name`.*`scopes`.*`tenants`.*`expiresAt`/);
    for (const tenants of [[], 'acme', { prefix: '' }, { prefix: 'a', more: 1 }, {}, null, [7]])
      await expect(keys.create({ ...OPTIONS, tenants: tenants as never })).rejects.toThrow('`tenants`');
    expect(await store.keys()).toEqual([]);
  });
});
