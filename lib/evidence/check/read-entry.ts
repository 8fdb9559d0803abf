import { type Entry, isHash } from '../../chain/entry';
import { ACTOR_TYPES, OUTCOMES } from '../../vocabulary';
import { Refusal } from './problems';
import { isInstant, isSeq, type Members } from './json-shape';

type Rule = (value: unknown) => boolean;

const isText: Rule = (value) => typeof value === 'string';
const isJson: Rule = () => true; // it came out of JSON.parse
const oneOf =
  (choices: readonly string[]): Rule =>
  (value) =>
    choices.includes(value as string);

const HEX = /^[0-9a-f]+$/;
const isCommitments: Rule = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((each) => typeof each === 'string' && HEX.test(each));

const REQUIRED: Record<string, Rule> = {
  v: (value) => value === 1,
  tenantId: isText,
  id: isText,
  seq: isSeq,
  occurredAt: isInstant,
  recordedAt: isInstant,
  actor: isText,
  action: isText,
  outcome: oneOf(OUTCOMES),
  prevHash: isHash,
};

const OPTIONAL: Record<string, Rule> = {
  actorType: oneOf(ACTOR_TYPES),
  actorName: isText,
  onBehalfOf: isText,
  resource: isText,
  resourceType: isText,
  resourceName: isText,
  context: isJson,
  metadata: isJson,
  before: isJson,
  after: isJson,
  commitments: isCommitments,
};

const RULES = new Map<string, { rule: Rule; isRequired: boolean }>([
  ...Object.entries(REQUIRED).map(([name, rule]) => [name, { rule, isRequired: true }] as const),
  ...Object.entries(OPTIONAL).map(([name, rule]) => [name, { rule, isRequired: false }] as const),
]);
const REQUIRED_COUNT = Object.keys(REQUIRED).length;

/**
 * The entry that these members are, formats.md §2; its hash stands beside it.
 * @throws Refusal for a member that is unknown, missing, or not of its type.
 */
export function assertEntryMembers(members: Members): Omit<Entry, 'hash'> {
  let required = 0;
  for (const name of Object.keys(members)) {
    const known = RULES.get(name);
    if (!known?.rule(members[name]))
      throw fault(members, known ? `no valid \`${name}\`` : 'an unknown member');
    if (known.isRequired) required++;
  }
  if (required === REQUIRED_COUNT) return members as object as Omit<Entry, 'hash'>;
  const absent = Object.keys(REQUIRED).find((name) => !Object.hasOwn(members, name));
  throw fault(members, `no \`${absent ?? ''}\``);
}

function fault(members: Members, what: string): Refusal {
  const { seq } = members;
  const subject = isSeq(seq) ? `Entry ${seq}` : 'An entry';
  return new Refusal('altered', isSeq(seq) ? seq : null, `${subject} has ${what}.`);
}
