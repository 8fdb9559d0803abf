/** How the thing that was tried ended. */
export const OUTCOMES = ['success', 'failure', 'denied'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What kind of principal an actor is. */
export const ACTOR_TYPES = ['user', 'service', 'system', 'anonymous'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/** The tenant whose chain is the ledger's own. */
export const SYSTEM_TENANT = 'system';
