import { type Entry, isHash } from '../../chain/entry';
import { byMember } from '../../chain/members';
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

/** Its hash stands beside an entry. */
const RULES = new Map(
  byMember<Rule>({
    version: (value) => value === 1,
    text: isText,
    seq: isSeq,
    instant: isInstant,
    hash: isHash,
    outcome: oneOf(OUTCOMES),
    actorType: oneOf(ACTOR_TYPES),
    object: isJson,
    json: isJson,
    commitments: isCommitments,
  })
    .filter(([name]) => name !== 'hash')
    .map(([name, { isRequired }, rule]) => [name as string, { rule, isRequired }]),
);
const REQUIRED = [...RULES].filter(([, { isRequired }]) => isRequired).map(([name]) => name);

/**
 * The entry that these members are, docs/formats.md §2; its hash stands beside it.
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
  if (required === REQUIRED.length) return members as object as Omit<Entry, 'hash'>;
  const absent = REQUIRED.find((name) => !Object.hasOwn(members, name));
  throw fault(members, `no \`${absent ?? ''}\``);
}

function fault(members: Members, what: string): Refusal {
  const { seq } = members;
  const subject = isSeq(seq) ? `Entry ${seq}` : 'An entry';
  return new Refusal('altered', isSeq(seq) ? seq : null, `${subject} has ${what}.`);
}
