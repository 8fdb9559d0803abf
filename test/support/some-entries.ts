import type { Audit, AuditEvent } from '../../index';

const ACTIONS = [
  'auth.login',
  'org.member.invite',
  'org.member.role_change',
  'org.api_key.create',
  'contact.import',
];

/** Events of a batch. */
const PORTION = 10_000;

/** The nth of some entries that differ in all that can be filtered. */
export function someEvent(n: number, tenantId = 'acme'): AuditEvent {
  return {
    tenantId,
    action: ACTIONS[n % ACTIONS.length]!,
    actor: { id: `user-${n % 7}`, type: 'user', name: `User ${n % 7}` },
    resource: { id: `thing-${n % 11}`, type: 'thing' },
    outcome: n % 13 === 0 ? 'denied' : n % 17 === 0 ? 'failure' : 'success',
    metadata: { n, note: `remark ${n}` },
    ...(n % 5 === 2 && { before: { role: 'member', n }, after: { role: 'admin', n } }),
    context: { ipAddress: '192.0.2.7', method: 'POST', path: `/things/${n}`, statusCode: 200 },
  };
}

/** Records so many of them, numbered on from `after`. */
export async function recordSome(
  audit: Audit,
  count: number,
  { tenantId = 'acme', after = 0 }: { tenantId?: string; after?: number } = {},
): Promise<void> {
  const end = after + count;
  for (let done = after; done < end; done += PORTION) {
    const batch = audit.batch();
    for (let n = done + 1; n <= Math.min(end, done + PORTION); n++) batch.event(someEvent(n, tenantId));
    await batch.commit();
  }
}
