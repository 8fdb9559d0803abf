import type { DraftedEvent } from '../../lib/event/drafter';
import { createDrafter } from '../../lib/event/drafter';
import type { Failure, FailureKey } from '../../lib/write/folding';
import { sha256 } from '../../lib/crypto/node';

/** When the clocks of these tests begin, in milliseconds since 1970. */
export const START = Date.parse('2026-03-04T05:06:07.000Z');

/** A caller whose requests are refused. */
export const CALLER: FailureKey = {
  tenantId: 'acme',
  action: 'auth.unauthorized_access',
  actor: 'eve',
  network: '192.0.2.1',
  route: '/orders/:id',
};

/** Makes failures as the ledger does, by a clock. */
export function failuresBy(now: () => number): (of?: Partial<FailureKey>) => Failure {
  const recorder = createDrafter({ sha256, now, valueBytes: 65_536 });
  return (of = {}) => {
    const key = { ...CALLER, ...of };
    const { tenantId, action, network, route } = key;
    const denied = { tenantId, action, outcome: 'denied' } as const;
    const context = { ipAddress: network, route };
    return {
      key,
      draft: () => recorder({ ...denied, actor: key.actor, context }, {}, 'ledger'),
      draftOfMany: () => recorder({ ...denied, actor: { id: 'various', type: 'anonymous' } }, {}, 'ledger'),
    };
  };
}

/** For how many failures an event or entry stands. */
export function countOf({ metadata }: { metadata?: unknown }): number {
  return (metadata as { count?: number } | undefined)?.count ?? 1;
}

/** For how many failures events or entries stand together. */
export function sumOf(events: readonly { metadata?: unknown }[]): number {
  return events.reduce((sum, event) => sum + countOf(event), 0);
}

/** The drafts of drafted events. */
export function draftsOf(drafted: readonly DraftedEvent[]): DraftedEvent['draft'][] {
  return drafted.map(({ draft }) => draft);
}
