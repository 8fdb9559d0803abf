import { type Audit, isAudit } from '../../lib/audit';
import type { AuditEvent } from '../../lib/event/event';
import { assertOptions, Complaints } from '../../lib/util/complaints';
import type { Document } from './documents';

/** What became of one document. */
export interface Change {
  kind: 'create' | 'update' | 'delete';
  /** As the database had it; null when it is new. */
  before: Document | null;
  /** As the database has it; null when it is gone. */
  after: Document | null;
  /** The paths that differ, such as `address.city`. */
  changed: readonly string[];
}

/** Options of `auditChanges`. */
export interface ChangeOptions {
  /** What a document is: the type of the resource, and the beginning of the actions, such as `contact` in `contact.update`. */
  name: string;
  /** The ledger, or what gives it at the first write; the shared one when left out. */
  audit?: Audit | (() => Audit) | undefined;
  /** Whose the document is: a path in it, or a function of it. The tenant of the surrounding scope when left out. */
  tenant?: string | ((document: Document) => AuditEvent['tenantId']) | undefined;
  /** Who acts where no scope says so: in jobs and scripts. */
  actor?: AuditEvent['actor'] | (() => AuditEvent['actor']);
  /** The paths that are recorded, and no others. What is `select: false` is recorded where it is named here. */
  only?: readonly string[] | undefined;
  /** Paths that are not recorded. A change of nothing else is none. */
  except?: readonly string[] | undefined;
  /** The action, or what chooses it; `<name>.create`, `.update` and `.delete` when left out. */
  action?: string | ((change: Change) => string) | undefined;
  /** Whether a write without a session and its events are one transaction, where the server has them: true when left out. */
  atomic?: boolean | undefined;
}

const KNOWN = ['name', 'audit', 'tenant', 'actor', 'only', 'except', 'action', 'atomic'];

/** @throws AuditError `INVALID_OPTIONS` with every bad option. */
export function checkChangeOptions(options: unknown): ChangeOptions {
  assertOptions('auditChanges', options);
  const complaints = new Complaints();
  complaints.unknownFields(options, KNOWN);
  const { name, audit, tenant, only, except, action, atomic } = options as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') complaints.add('name', 'a name such as contact', name);
  if (audit !== undefined && typeof audit !== 'function' && !isAudit(audit))
    complaints.add('audit', 'what createAudit() gave, or a function that gives it', audit);
  for (const [option, value] of Object.entries({ tenant, action }))
    if (value !== undefined && typeof value !== 'function' && (typeof value !== 'string' || value === ''))
      complaints.add(option, option === 'tenant' ? 'a path or a function' : 'a name or a function', value);
  for (const [option, value] of Object.entries({ only, except }))
    if (value !== undefined && !isListOfPaths(value)) complaints.add(option, 'an array of paths', value);
  if (only !== undefined && except !== undefined)
    complaints.add('except', 'left out beside `only`', except, 'both');
  if (atomic !== undefined && typeof atomic !== 'boolean') complaints.add('atomic', 'true or false', atomic);
  complaints.assertNone('INVALID_OPTIONS', 'auditChanges cannot use its options');
  return { ...options } as ChangeOptions;
}

function isListOfPaths(value: unknown): boolean {
  return Array.isArray(value) && value.every((path) => typeof path === 'string' && path !== '');
}
