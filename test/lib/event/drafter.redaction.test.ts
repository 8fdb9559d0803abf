import { sha256 } from '../../../lib/crypto/node';
import type { Draft } from '../../../lib/chain/entry';
import { type Author, createDrafter, type DrafterOptions } from '../../../lib/event/drafter';
import type { AuditEvent, Origin } from '../../../lib/event/event';

const SECRET = 'Bearer abcdefghijklmnop';

interface Surroundings extends Partial<DrafterOptions> {
  origin?: Origin;
  author?: Author;
}

function draft(
  event: AuditEvent,
  { origin = {}, author = 'application', ...options }: Surroundings = {},
): Draft {
  return createDrafter({ sha256, now: () => 0, valueBytes: 65_536, ...options })(event, origin, author).draft;
}

describe('names of an entry’s own members', () => {
  const redact = { names: ['ipAddress', 'userAgent', 'actorName', 'resourceName', 'statusCode', 'actor'] };
  const context = { ipAddress: '203.0.113.9', userAgent: 'x', method: 'GET', statusCode: 200 };
  const event = {
    tenantId: 't',
    action: 'a.b',
    actor: { id: 'u', name: 'Ann' },
    resource: { id: 'r', name: 'R' },
    context,
  };

  it('redact these', () => {
    expect(draft(event, { redact })).toMatchObject({
      actor: '[REDACTED]',
      actorName: '[REDACTED]',
      resource: 'r',
      resourceName: '[REDACTED]',
      action: 'a.b',
      context: {
        ipAddress: '[REDACTED]',
        userAgent: '[REDACTED]',
        method: 'GET',
        statusCode: '[REDACTED]',
      },
    });
  });

  it('redact what a request knows, too, and what is captured of it', () => {
    const captured = draft({ ...event, context: {} }, { redact, origin: { context }, author: 'ledger' });
    expect(captured).toMatchObject({ context: { ipAddress: '[REDACTED]' } });
  });

  it('store what `replace` gives, when that is a text without secrets', () => {
    const replacing = (given: unknown) => ({ redact: { ...redact, replace: () => given } });
    expect(draft(event, replacing('pseudonym'))).toMatchObject({ actorName: 'pseudonym' });
    expect(draft(event, replacing(SECRET))).toMatchObject({ actorName: '[REDACTED]' });
    expect(draft(event, replacing(7))).toMatchObject({ actorName: '[REDACTED]' });
  });

  it('do not redact what the ledger states of itself', () => {
    const own = { names: ['ledger', 'filter', 'root', 'size', 'tenantId'], values: [/[0-9a-f]{64}/] };
    const metadata = { tenantId: 't', size: 5, root: 'a'.repeat(64), ledger: 'x', filter: { actor: 'ann' } };
    for (const action of ['ledger.checkpoint', 'audit.export']) {
      const stated = draft({ tenantId: 'acme', action, metadata }, { redact: own, author: 'ledger' });
      expect(stated.metadata).toEqual(metadata);
    }
    expect(draft({ tenantId: 't', action: 'audit.export', metadata }, { redact: own }).metadata).not.toEqual(
      metadata,
    );
  });
});
