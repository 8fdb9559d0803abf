import { findSecrets } from './find-secrets';
import { REDACTED } from './redacted';
import { createNameJudge, createOwnNameJudge, type NameVerdict } from './secret-names';
import { roleOf } from './secret-pairs';
import type { Span } from './span';
import { redactTableText } from './table-text';

export { REDACTED };

/** What an application counts as secret beyond the built-in names and shapes. */
export interface RedactOptions {
  /** Further secret member names, compared like the built-in ones: `customerNumber` also means `customer_number`. */
  names?: string[] | undefined;
  /** Further secret shapes: a string that one of them matches is redacted as a whole. */
  values?: RegExp[] | undefined;
  /** Gives what to store in place of a secret, instead of `[REDACTED]`. */
  replace?: ((name: string, value: unknown) => unknown) | undefined;
}

/** What a member's name tells. */
export interface MemberName {
  verdict: NameVerdict;
  /** `ROLE`s as bits. */
  role: number;
  /** The name as it can be stored. */
  stored: string;
}

/** Tells secrets by name and by shape. */
export interface Secrets {
  /** What a name says about its value. */
  judge(name: string): NameVerdict;
  /** All that a member's name tells, remembered. */
  member(name: string): MemberName;
  /** A name as it can be stored: BSON cannot hold U+0000 in a name, UTF-8 no lone surrogate; without secrets. */
  storedName(name: string): string;
  /** Whether a name is secret, whatever the value. */
  isName(name: string): boolean;
  /** Whether a text is a secret, or holds one. */
  isText(text: string): boolean;
  /**
   * A text with `[REDACTED]` in place of each secret in it; the same text where there is none.
   * @param isCut whether the text went on, so that what is at its end may be the beginning of a longer secret
   */
  redactText(text: string, isCut?: boolean): string;
  /**
   * What to store of one of an entry's own members, such as `actorName` or `ipAddress`: a mark where the application's
   * `names` have it, and else the text without its secrets. The built-in names do not count. Of a text that is longer
   * than any such member may be, only a beginning is read and given: cut it afterwards, not before.
   */
  redactMember(member: string, text: string): string;
  /** Whether the application's `names` have an entry's own member. */
  isOwnMember(member: string): boolean;
  replace: ((name: string, value: unknown) => unknown) | undefined;
}

/** How many verdicts on names are remembered: applications use few names, attackers may send many. */
const REMEMBERED_NAMES = 5_000;

/**
 * How much farther than it is kept a text must be read before it is cut, in UTF-16 code units: a secret that begins
 * before the cut then ends within.
 */
export const MARGIN = 16_384;

/** UTF-16 code units of an entry's own texts that may be kept. */
const MEMBER_LENGTH = 2_048;

/** Too short for the shape of a secret, and without what could name one. */
const PLAIN_NAME = /^\w{1,15}$/;

/** No secret is told in less. */
const SHORTEST = 6;

/** The built-in secrets and those of `options`. */
export function createSecrets(options: RedactOptions = {}): Secrets {
  const { names = [], replace } = options;
  const judge = memoize(createNameJudge(names));
  const isOwn = memoize(createOwnNameJudge(names));
  const judgeInText = memoize(createNameJudge(names)); // texts have names without end, which must not displace members'
  const shapes = (options.values ?? []).map(
    (shape) => new RegExp(shape.source, shape.flags.replace(/[gy]/g, '')),
  );
  const redactText = (given: string, isCut = false): string => {
    for (const shape of shapes) if (shape.test(given)) return REDACTED;
    if (given.length < SHORTEST) return given;
    const text = redactTableText(given, judgeInText);
    return withoutSpans(text, findSecrets(text, judgeInText, isCut));
  };
  const isOwnMember = (member: string): boolean => names.length > 0 && isOwn(member) !== 'harmless';
  const storedName = (name: string): string =>
    shapes.length === 0 && PLAIN_NAME.test(name)
      ? name
      : redactText(name.toWellFormed().replaceAll('\0', '\uFFFD'));
  return {
    judge,
    member: memoize((name) => ({ verdict: judge(name), role: roleOf(name), stored: storedName(name) })),
    storedName,
    isName: (name) => judge(name) !== 'harmless',
    isText: (text) => redactText(text) !== text,
    redactText,
    redactMember: (member, given) => {
      const text = given.length > MEMBER_LENGTH ? given.slice(0, MEMBER_LENGTH + MARGIN) : given;
      if (!isOwnMember(member)) return redactText(text, text.length < given.length);
      const replaced = replace && tryReplace(replace, member, text);
      return typeof replaced === 'string' ? redactText(replaced) : REDACTED;
    },
    isOwnMember,
    replace,
  };
}

function tryReplace(
  replace: (name: string, value: unknown) => unknown,
  name: string,
  value: string,
): unknown {
  try {
    return replace(name, value);
  } catch {
    return undefined; // the secret stays one
  }
}

function withoutSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  let redacted = '';
  let at = 0;
  for (const [from, to] of spans) {
    redacted += text.slice(at, from) + REDACTED;
    at = to;
  }
  return redacted + text.slice(at);
}

function memoize<Verdict>(verdict: (name: string) => Verdict): (name: string) => Verdict {
  const known = new Map<string, Verdict>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const now = verdict(name);
    if (known.size >= REMEMBERED_NAMES) known.clear();
    if (name.length <= 100) known.set(name, now);
    return now;
  };
}
