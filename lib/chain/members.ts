import type { ActorType, Outcome } from '../vocabulary';
import type { Json, JsonObject } from './json';

/** What the values of members are, as TypeScript has them. Instants are ISO 8601, UTC, milliseconds. */
interface Values {
  version: 1;
  text: string;
  seq: number;
  instant: string;
  hash: string;
  outcome: Outcome;
  actorType: ActorType;
  object: JsonObject;
  json: Json;
  commitments: Record<string, string>;
}

/** What the value of a member is. Each reader and writer of entries has a rule for each. */
export type MemberKind = keyof Values;

/** What is known of one member of an entry. */
export interface Member {
  kind: MemberKind;
  isRequired: boolean;
  /** Who gives it: the event, or the chain when the event is linked. */
  from: 'event' | 'chain';
}

const event = <Kind extends MemberKind>(kind: Kind) => ({ kind, isRequired: true, from: 'event' }) as const;
const optional = <Kind extends MemberKind>(kind: Kind) =>
  ({ kind, isRequired: false, from: 'event' }) as const;
const chain = <Kind extends MemberKind>(kind: Kind) => ({ kind, isRequired: true, from: 'chain' }) as const;

/**
 * The members of an entry, docs/formats.md §2. All that reads, checks, stores or describes entries derives from this
 * table: types, the check of a kept draft, the reading of stored documents, the verifier of evidence, the Mongoose model
 * and OpenAPI.
 */
export const MEMBERS = {
  /** Format version. */
  v: event('version'),
  tenantId: event('text'),
  /** Unique within the tenant. */
  id: event('text'),
  /** Place in the tenant's chain, from 1, without gaps. */
  seq: chain('seq'),
  /** When it happened: ISO 8601, UTC, milliseconds. */
  occurredAt: event('instant'),
  /** When the ledger linked it: ISO 8601, UTC, milliseconds; never before the predecessor's. */
  recordedAt: chain('instant'),
  actor: event('text'),
  actorType: optional('actorType'),
  actorName: optional('text'),
  /** Whom an impersonating actor acted for. */
  onBehalfOf: optional('text'),
  action: event('text'),
  resource: optional('text'),
  resourceType: optional('text'),
  resourceName: optional('text'),
  outcome: event('outcome'),
  /** The id of the API key through which the event came. No caller can say that: only the collector does. */
  via: optional('text'),
  context: optional('object'),
  metadata: optional('json'),
  /** State of the resource before the change. */
  before: optional('json'),
  /** State of the resource after the change. */
  after: optional('json'),
  /** Reserved: JSON Pointer to the salted commitment of a value that is kept outside the entry. */
  commitments: optional('commitments'),
  /** `hash` of the entry before, 64 zeros for the first. */
  prevHash: chain('hash'),
  /** RFC 6962 leaf hash of the canonical text of all other members. */
  hash: chain('hash'),
} as const satisfies Record<string, Member>;

type Members = typeof MEMBERS;

/** The name of a member of an entry. */
export type MemberName = keyof Members;

/** The members that `From` gives, with their types. */
export type MembersFrom<From extends Member['from']> = {
  -readonly [
    Name in keyof Members as Members[Name] extends { from: From; isRequired: true } ? Name : never
  ]: Values[Members[Name]['kind']];
} & {
  -readonly [
    Name in keyof Members as Members[Name] extends { from: From; isRequired: false } ? Name : never
  ]?: Values[Members[Name]['kind']];
};

const MEMBER_LIST = Object.entries(MEMBERS) as readonly (readonly [MemberName, Member])[];

/** All members in the order of the table, each with the rule for its kind. */
export function byMember<T>(rules: Record<MemberKind, T>): (readonly [MemberName, Member, T])[] {
  return MEMBER_LIST.map(([name, member]) => [name, member, rules[member.kind]] as const);
}
