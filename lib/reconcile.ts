import type { Entry, Receipt } from './chain/entry';
import { AuditError } from './errors';
import type { AuditEvent } from './event/event';
import type { Names } from './event/names';
import type { Secrets } from './event/secrets';
import type { ListQuery } from './read/list-query';
import type { EntryPage } from './read/read-entries';
import type { Session } from './store/store';

/** What `audit.reconcile` is asked. */
export interface ReconcileOptions {
  /** A model whose schema has `auditChanges`. */
  model?: object | undefined;
  models?: readonly object[] | undefined;
  /** Whose the documents are, where the plugin is not told by its option `tenant`. */
  tenantId?: string | undefined;
  /** Whether nothing is recorded, and what is found is told alone. */
  dryRun?: boolean | undefined;
  /** Whether documents without any event are recorded as they are, so that later changes of theirs show. */
  baseline?: boolean | undefined;
  /** How many documents and entries are looked at, about, before the report says at which `position` to go on. */
  limit?: number | undefined;
  /** Where an earlier report has ended. */
  position?: string | undefined;
  /** How long the event of a change may take that is not part of a transaction, in milliseconds: 5,000 when left out. */
  graceMs?: number | undefined;
  /** Goes on until the signal is aborted. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Told each finding at once. */
  onFinding?: ((finding: Finding) => void) | undefined;
}

/** A change that has no event. */
export interface Finding {
  /** `created`: a document that no event has made. `deleted`: one that is gone without an event. */
  kind: 'changed' | 'created' | 'deleted';
  /** The type of the resource, as events have it. */
  type: string;
  resource: string;
  tenantId: string;
  /** The paths that differ from what the trail says; none where only a digest was left of that. */
  changed: string[];
  /** The id of its entry `ledger.unaccounted_change`, the same whoever finds it. */
  id: string;
}

/** What `audit.reconcile` has found. */
export interface ReconcileReport {
  /** Whether changes were read from change streams, or documents compared with the trail. */
  by: 'comparing' | 'following';
  /** Documents, and entries or changes, that were looked at. */
  documents: number;
  entries: number;
  /** How many changes without event were found of each kind. */
  changed: number;
  created: number;
  deleted: number;
  /** The first 1,000 of them. */
  findings: Finding[];
  /** Documents without any event that may be older than the plugin. */
  noHistory: number;
  /** How many of them were recorded as they are. */
  baselined: number;
  /** Documents that changed so often that nothing could be told of them: the next run looks again. */
  busy: number;
  /** Documents and entries whose ids do not tell which belong together. */
  untold: number;
  /** Paths that could not be compared, by the type of the resource: redacted, hidden or cut. The first 100 of each. */
  notCompared: Record<string, string[]>;
  /** Where the next run goes on. */
  position: string;
  /** Whether all was looked at; false where `limit` or the signal ended it. */
  isComplete: boolean;
}

/** How the ledger that a model's changes are recorded in makes entries of them: what is compared is made in the same way. */
export interface Keeping {
  readonly defaultTenant: string | undefined;
  readonly names: Names;
  readonly secrets: Secrets;
  /** Bytes up to which states are kept whole. */
  readonly valueBytes: number;
}

/** What finds changes without event needs of a ledger. */
export interface ReconcileLedger {
  readonly isReadOnly: boolean;
  takesSession(session: Session): boolean;
  list(query: ListQuery): Promise<EntryPage>;
  get(name: { tenantId: string; id: string }): Promise<Entry | null>;
  /** Records an event of the ledger's own. */
  record(event: AuditEvent): Promise<Receipt>;
  /** See `OutboxStore.waitingSubjects`. */
  waitingSubjects(subjects: readonly string[]): Promise<string[]>;
  tenants(): Promise<string[]>;
}

/** Finds changes without event of models that it knows. */
export type Reconcile = (ledger: ReconcileLedger, options: ReconcileOptions) => Promise<ReconcileReport>;

/** Where a model says how its changes are found; the same in all copies of this package. */
export const RECONCILED = Symbol.for('express-audit-ledger.reconciled');

/** @throws AuditError `INVALID_OPTIONS` where no model is given that says so. */
export function reconcileOf(options: ReconcileOptions): Reconcile {
  const { model, models = [] } = (options as ReconcileOptions | undefined) ?? {};
  for (const one of [model, ...models]) {
    const found = (one as { [RECONCILED]?: { reconcile: Reconcile } } | undefined)?.[RECONCILED];
    if (found) return found.reconcile;
  }
  const mend =
    'give `model`, or `models`, such as mongoose.model() gives, whose schema has the plugin auditChanges';
  throw new AuditError(
    'INVALID_OPTIONS',
    `audit.reconcile is given no model whose changes are recorded: ${mend}.`,
  );
}
