/** How the thing that was tried ended. */
export const OUTCOMES = ['success', 'failure', 'denied'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What kind of principal an actor is. */
export const ACTOR_TYPES = ['user', 'support', 'service', 'system', 'anonymous'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/** What holds a chain, or a file of it, in place (docs/formats.md §6); the strongest first. */
export const ANCHORS = ['pinned', 'signed', 'self-signed', 'unsigned', 'none'] as const;
export type Anchor = (typeof ANCHORS)[number];

/** The forms that evidence is written in. */
export const EVIDENCE_FORMATS = ['csv', 'json', 'jsonl'] as const;
export type EvidenceFormat = (typeof EVIDENCE_FORMATS)[number];

/** The tenant whose chain is the ledger's own. */
export const SYSTEM_TENANT = 'system';

/** Who the ledger's own events are by. */
export const LEDGER_ACTOR = { id: 'express-audit-ledger', type: 'system' } as const;
