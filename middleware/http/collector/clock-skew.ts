import { toCallerNetwork } from '../../../lib/event/caller-network';
import type { DraftedEvent } from '../../../lib/event/drafter';
import type { Ledger } from '../../../lib/ledger';
import { scopeOf } from '../../../lib/scope';
import type { StoredKey } from '../../../lib/store/key-store';
import { SYSTEM_TENANT } from '../../../lib/vocabulary';
import type { Asked } from '../api/asked';

/** So far ahead a caller's clock may be, in milliseconds. */
const TOLERANCE = 300_000;

/**
 * Notes in the ledger's own chain that a caller's clock is ahead. Its events are taken as they are: `recordedAt` is the
 * ledger's own word, and `occurredAt` the caller's.
 */
export function noteClockSkew(
  ledger: Ledger,
  asked: Asked,
  { id }: StoredKey,
  drafts: readonly DraftedEvent[],
  now: number,
): void {
  const latest = drafts.reduce((most, { draft }) => (draft.occurredAt > most ? draft.occurredAt : most), '');
  const ahead = Date.parse(latest) - now;
  if (!(ahead > TOLERANCE)) return;
  const action = 'ledger.key.clock_ahead';
  const network = toCallerNetwork(asked.address ?? '');
  ledger.captured.fold(
    { tenantId: SYSTEM_TENANT, action, actor: id, network, route: '/events' },
    {
      action,
      outcome: 'failure',
      actor: { id, type: 'service' },
      resource: { id, type: 'api-key' },
      metadata: { aheadSeconds: Math.round(ahead / 1000) },
    },
    scopeOf({ context: { ipAddress: asked.address } }),
  );
}
