import { setTimeout as wait } from 'node:timers/promises';
import { runInScope } from '../../lib/scope';
import { memoryLedger } from '../support/memory-ledger';

const request = {
  origin: () => ({ actor: 'ada', tenantId: 'globex' }),
  recorded: () => undefined,
  isOver: false,
};

describe('runAs', () => {
  it('says who acts in all that the call starts, and gives what it gives', async () => {
    const { audit, recorded } = memoryLedger();
    const context = { requestId: 'job-7' };
    const result = await audit.runAs(
      { actor: { id: 'mailer', type: 'service' }, tenantId: 'acme', context },
      async () => {
        await wait(1);
        await audit.event({ action: 'mail.sent' });
        return 42;
      },
    );
    expect(result).toBe(42);
    expect(await recorded.all()).toMatchObject([
      { action: 'mail.sent', actor: 'mailer', actorType: 'service', tenantId: 'acme', context },
    ]);
  });

  it('takes nothing over from a request that happens to run it', async () => {
    const { audit, recorded } = memoryLedger();
    await runInScope(request, () =>
      audit.runAs({ tenantId: 'acme' }, () => audit.event({ action: 'swept' })),
    );
    expect(await recorded.all()).toMatchObject([{ actor: 'anonymous', tenantId: 'acme' }]);
  });

  it('still lets an event say otherwise', async () => {
    const { audit, recorded } = memoryLedger();
    await audit.runAs({ actor: 'a', tenantId: 'acme' }, () => audit.event({ action: 'x', actor: 'b' }));
    expect(await recorded.all()).toMatchObject([{ actor: 'b', tenantId: 'acme' }]);
  });

  it.each<[string, unknown, unknown]>([
    ['no identity', undefined, () => 1],
    ['a text', 'ada', () => 1],
    ['unknown members', { tenant: 'acme' }, () => 1],
    ['no function', { tenantId: 'acme' }, undefined],
  ])('refuses %s', (_what, who, call) => {
    const { audit } = memoryLedger();
    expect(() => audit.runAs(who as object, call as () => void)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  });
});
