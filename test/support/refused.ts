import type { DraftedEvent } from '../../lib/event/drafter';
import { createDrafter } from '../../lib/event/drafter';
import type { Repeatable, RepetitionKey } from '../../lib/write/folding';
import { sha256 } from '../../lib/crypto/node';

/** When the clocks of these tests begin, in milliseconds since 1970. */
export const START = Date.parse('2026-03-04T05:06:07.000Z');

/** A caller whose requests are refused. */
export const CALLER: RepetitionKey = {
  tenantId: 'acme',
  action: 'auth.unauthorized_access',
  actor: 'eve',
  network: '192.0.2.1',
  route: '/orders/:id',
};

/** Somebody who exports one thing. */
export const EXPORT: RepetitionKey = {
  ...CALLER,
  action: 'data.export',
  route: '/orders.:format',
  resource: '/orders.csv',
};

/** Makes events that are repeated as the ledger does, by a clock: failures, and exports of a resource. */
export function repeatablesBy(now: () => number): (of?: Partial<RepetitionKey>) => Repeatable {
  const recorder = createDrafter({ sha256, now, valueBytes: 65_536 });
  return (of = {}) => {
    const key = { ...CALLER, ...of };
    const { tenantId, action, network, route, resource } = key;
    const outcome = resource === undefined ? 'denied' : 'success';
    const metadata = resource === undefined ? undefined : { method: 'GET', responseSize: 7 };
    const event = { tenantId, action, outcome } as const;
    const context = { ipAddress: network, route };
    return {
      key,
      draft: () => recorder({ ...event, actor: key.actor, resource, metadata, context }, {}, 'ledger'),
      draftOfMany: (of) =>
        recorder({ ...event, tenantId: of, actor: { id: 'various', type: 'anonymous' } }, {}, 'ledger'),
    };
  };
}

/** For how many events one event or entry stands. */
export function countOf({ metadata }: { metadata?: unknown }): number {
  return (metadata as { count?: number } | undefined)?.count ?? 1;
}

/** For how many events or entries these stand together. */
export function sumOf(events: readonly { metadata?: unknown }[]): number {
  return events.reduce((sum, event) => sum + countOf(event), 0);
}

/** The drafts of drafted events. */
export function draftsOf(drafted: readonly DraftedEvent[]): DraftedEvent['draft'][] {
  return drafted.map(({ draft }) => draft);
}
