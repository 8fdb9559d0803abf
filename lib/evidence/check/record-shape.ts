import { Refusal } from './problems';
import {
  type CheckpointRecord,
  EVIDENCE_FORMAT,
  type EvidenceFilter,
  type Manifest,
  type Omitted,
} from '../records';
import { isHash } from '../../chain/entry';
import { isInstant, isSeq, type Members, assertObject } from './json-shape';

type Rule = (value: unknown) => boolean;

const isText: Rule = (value) => typeof value === 'string';
/** `*` would stand for all: no export asks for that by a filter, so a hole behind it would be none. */
const isAction: Rule = (value) => isText(value) && value !== '*';
const isObject: Rule = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts: Rule = (value) => Array.isArray(value) && value.every(isText);

const MANIFEST: Record<Exclude<keyof Manifest, 'type'>, Rule> = {
  format: (value) => value === EVIDENCE_FORMAT,
  ledger: isText,
  tenantId: isText,
  exportedAt: isInstant,
  filter: isObject,
  treeSize: isSeq,
};

const FILTER: Record<keyof EvidenceFilter, Rule> = {
  actor: isText,
  action: isAction,
  resource: isText,
  outcome: isText,
  from: isInstant,
  to: isInstant,
};

const OMITTED: Record<Exclude<keyof Omitted, 'type'>, Rule> = {
  first: isSeq,
  last: isSeq,
  hash: isHash,
};

const CHECKPOINT: Record<Exclude<keyof CheckpointRecord, 'type'>, Rule> = { keys: isTexts, note: isText };

/** @throws Refusal, docs/formats.md §5.1 rules 1 and 5. */
export function readManifest(members: Members): Manifest {
  if (isText(members['format']) && members['format'] !== EVIDENCE_FORMAT)
    throw new Refusal('unreadable', null, `The manifest names a format other than ${EVIDENCE_FORMAT}.`);
  assertMembers(members, MANIFEST, 'The manifest');
  const filter = assertObject(members['filter'], 'The filter');
  assertKnown(filter, FILTER, 'The filter of the manifest');
  for (const [name, value] of Object.entries(filter))
    assertRule(FILTER[name as keyof EvidenceFilter](value), 'The filter of the manifest', name);
  return members as object as Manifest;
}

/** @throws Refusal, docs/formats.md §5.1 rules 1 and 3. */
export function readOmitted(members: Members): Omitted {
  assertMembers(members, OMITTED, 'A record of omitted entries');
  const omitted = members as object as Omitted;
  const { first, last } = omitted;
  const count = last - first + 1;
  if (count >= 1 && count === 2 ** subtreeLevel(omitted) && (first - 1) % count === 0) return omitted;
  throw new Refusal(
    'unreadable',
    first,
    `The omitted entries ${first} to ${last} are not a subtree of the tree.`,
  );
}

/** The level of the subtree that was left out: it holds 2^level entries. */
export function subtreeLevel({ first, last }: Omitted): number {
  return Math.round(Math.log2(last - first + 1));
}

/** @throws Refusal, docs/formats.md §5.1 rule 1. */
export function readCheckpoint(members: Members): CheckpointRecord {
  assertMembers(members, CHECKPOINT, 'The checkpoint');
  return members as object as CheckpointRecord;
}

function assertMembers(members: Members, rules: Record<string, Rule>, subject: string): void {
  assertKnown(members, { ...rules, type: isText }, subject);
  for (const [name, rule] of Object.entries(rules)) assertRule(rule(members[name]), subject, name);
}

function assertKnown(members: Members, rules: Record<string, Rule>, subject: string): void {
  if (Object.keys(members).every((name) => Object.hasOwn(rules, name))) return;
  throw new Refusal('unreadable', null, `${subject} has an unknown member.`);
}

function assertRule(holds: boolean, subject: string, name: string): void {
  if (!holds) throw new Refusal('unreadable', null, `${subject} has no valid \`${name}\`.`);
}
