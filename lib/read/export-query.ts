import { Complaints } from '../util/complaints';
import { EVIDENCE_FORMATS, type EvidenceFormat } from '../vocabulary';
import { omitUndefined } from '../util/omit-undefined';
import type { AuditEvent } from '../event/event';
import { isoText } from '../event/instant';
import { isLongerThan, TEXT_LIMIT } from '../event/size-limit';
import type { EntryFilter } from '../store/store';
import type { Outcome } from '../vocabulary';
import { checkDateNames } from './date-names';
import { actionFilter, LOOKED } from './list-query';
import { ACTOR, FLAG, FROM, oneOfRule, OUTCOME, refusedRule, RESOURCE, type Rule, TO, TENANT } from './rules';

/** Which entries `exportEvidence` writes, and how. */
export interface ExportQuery {
  tenantId: string;
  /** One of each: what a file proves is defined for one value alone (docs/formats.md §5). */
  actor?: string | undefined;
  /** A name, or a prefix such as `org.*`. */
  action?: string | undefined;
  resource?: string | undefined;
  outcome?: Outcome | undefined;
  /** `recordedAt` from this instant; a date alone is the start of that UTC day. */
  startDate?: Date | string | undefined;
  /** `recordedAt` before this instant; a date alone is the end of that UTC day. */
  endDate?: Date | string | undefined;
  /** The same as `startDate`, by the name that `list` has for it. */
  from?: Date | string | undefined;
  /** The same as `endDate`. */
  to?: Date | string | undefined;
  /** `jsonl` when left out. */
  format?: EvidenceFormat | undefined;
  /** Whether the file proves itself; true when left out. */
  includeChainProof?: boolean | undefined;
  /** Who exports, where no request says so, as the `actor` of an event; the `actor` of the filter when left out. */
  exportedBy?: AuditEvent['actor'];
}

/** What was asked for, as the manifest states it: only what was given, instants as ISO 8601. */
export type StatedFilter = Partial<
  Record<'actor' | 'action' | 'resource' | 'outcome' | 'from' | 'to', string>
>;

/** An export checked. */
export interface ParsedExport {
  tenantId: string;
  format: EvidenceFormat;
  proof: boolean;
  exportedBy?: AuditEvent['actor'];
  filter: EntryFilter;
  /** Milliseconds since 1970. */
  from?: number;
  to?: number;
  stated: StatedFilter;
}

const FORMAT = oneOfRule(EVIDENCE_FORMATS);

/**
 * As the database compares it, and as the export's own entry keeps it: the manifest must say the same. A longer one is
 * in no entry, and would be cut in that one.
 */
const TEXT: Rule<string> = {
  rule: `a string of at most ${TEXT_LIMIT} characters`,
  schema: { type: 'string', maxLength: TEXT_LIMIT },
  read: (value) =>
    typeof value === 'string' && !isLongerThan(value, TEXT_LIMIT) ? value.toWellFormed() : undefined,
};
/** What is not excluded: verifiers that exist take `!` for a part of the name. */
const ACTION: Rule<string> = {
  ...TEXT,
  rule: `${TEXT.rule} that does not begin with \`!\`: evidence is not defined for what is excluded`,
  read: (value) => {
    const text = TEXT.read(value);
    return text?.startsWith('!') ? undefined : text;
  },
};
/** As the database compares it, too: an id as entries keep it. */
const ACTOR_TEXT = idText(ACTOR);
const RESOURCE_TEXT = idText(RESOURCE);
/** It says who is there, not what is wanted: whoever may export can, whatever their name. */
const ANYBODY: Rule<unknown> = { rule: 'anything', schema: {}, read: (value) => value };

/** The parameters of `exportEvidence`. */
export const EXPORT_RULES = {
  tenantId: TENANT,
  actor: ACTOR_TEXT,
  action: ACTION,
  resource: RESOURCE_TEXT,
  outcome: OUTCOME,
  startDate: FROM,
  endDate: TO,
  from: FROM,
  to: TO,
  format: FORMAT,
  includeChainProof: FLAG,
  exportedBy: ANYBODY,
} satisfies Record<keyof ExportQuery, Rule<unknown>>;

/** Filters that `list` has and an export has not. */
export const NO_EXPORT_RULES: Record<string, Rule<never>> = Object.fromEntries(
  LOOKED.map((name) => [
    name,
    refusedRule('left out of an export, whose file cannot prove it (docs/formats.md §5): `list` takes it'),
  ]),
);

/**
 * Checks what is to be exported.
 * @param isSecret tells texts that no entry may hold: that of the export would keep another one than its file.
 * @throws AuditError `INVALID_QUERY` with every bad parameter.
 */
export function parseExportQuery(
  query: ExportQuery,
  isSecret: (text: string) => boolean = () => false,
): ParsedExport {
  const complaints = new Complaints();
  complaints.unknownFields(query, [...Object.keys(EXPORT_RULES), ...LOOKED]);
  for (const name of LOOKED) {
    const value = (query as object as Record<string, unknown>)[name];
    if (value !== undefined) complaints.add(name, NO_EXPORT_RULES[name]?.rule ?? '', value);
  }
  checkDateNames(query, complaints);
  const read = <T>(field: keyof ExportQuery, { rule, read }: Rule<T>): T | undefined => {
    const value: unknown = query[field];
    if (typeof value === 'string' && isSecret(value))
      return complaints.add(field, 'free of secrets', value, 'a secret');
    return value === undefined ? undefined : (read(value) ?? complaints.add(field, rule, value));
  };
  const texts = {
    actor: read('actor', ACTOR_TEXT),
    action: namedAction(read('action', ACTION)),
    resource: read('resource', RESOURCE_TEXT),
  };
  const outcome = read('outcome', OUTCOME);
  const from = read('startDate', FROM) ?? read('from', FROM);
  const to = read('endDate', TO) ?? read('to', TO);
  const parsed = {
    tenantId: read('tenantId', TENANT),
    format: read('format', FORMAT) ?? 'jsonl',
    proof: read('includeChainProof', FLAG) ?? true,
    exportedBy: query.exportedBy ?? (query.actor || undefined),
    filter: omitUndefined({
      ...texts,
      outcome,
      action: texts.action === undefined ? undefined : actionFilter(texts.action),
    }),
    from,
    to,
    stated: omitUndefined({ ...texts, outcome, from: instantText(from), to: instantText(to) }),
  };
  if ((query.tenantId as unknown) === undefined)
    complaints.missing('tenantId', 'each tenant has a chain of its own');
  complaints.assertNone('INVALID_QUERY', 'The export is not valid');
  return omitUndefined(parsed) as ParsedExport;
}

function idText({ read }: Rule<string>): Rule<string> {
  return { ...TEXT, read: (value) => (TEXT.read(value) === undefined ? undefined : read(value)) };
}

/** `*` alone takes in all, as no filter does. A manifest never names it: its file could not be told to be complete. */
function namedAction(action: string | undefined): string | undefined {
  return action === '*' ? undefined : action;
}

function instantText(time: number | undefined): string | undefined {
  return time === undefined ? undefined : isoText(time);
}
