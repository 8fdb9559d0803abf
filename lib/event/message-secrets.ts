import { isKept } from './spoken-secrets';
import { type Judge, matchAt, type Span } from './span';

/**
 * The secrets in messages that quote a value and name its member: of Mongoose and other validators, of databases, of SQL.
 * Each is told at a word of the message that stands before or behind the value.
 */
export const MESSAGES: readonly (readonly [word: string, find: Finder])[] = [
  ['Path', valueOfPath],
  ['value', namedValue],
  ['Value', namedValue],
  ['entry', namedValue],
  ['dup key', valueOfIndex],
  ['Key (', valueOfKey],
  ['PASSWORD', statedPassword],
  ['IDENTIFIED', statedPassword],
];

type Finder = (text: string, at: number, judge: Judge) => Span | null;

/** As far as the end of a value is looked for, in UTF-16 code units, so that many words that begin no message take no long search. */
const READ = 2_048;

/** Quotes within a value that are looked at as its end. */
const MAX_QUOTES = 16;

const PATH = /Path (["'`])([^"'`\n]{1,200})\1(?: is invalid)? \(/y;

/** Mongoose: ``Path `password` (`x`) is shorter than …``, ``Path `pin` (12) is less than …``, ``Path `pin` is invalid (x).`` */
function valueOfPath(text: string, at: number, judge: Judge): Span | null {
  const found = matchAt(PATH, text, at);
  if (!found || judge(found[2] as string) === 'harmless') return null;
  const from = at + found[0].length;
  if (text[from] === '`')
    return valueUpTo([/`(?:, length \d+)?\) is /, /`(?:\)|, )/], text, from + 1, 'secret');
  const end = /\)(?= is (?:less|more)|[.,]|$)/.exec(text.slice(from, from + READ));
  return end && [from, from + end.index];
}

/** Joi: `"password" with value "x"`. Mongoose: ``for path `password` with value `x` ``. */
const NAME_BEFORE = /(["'`])([^"'`\n]{1,100})\1 (?:with|has|had) (?:the |an? )?(?:invalid )?$/;

/** Yup: ``password must be a `number` type, but the final value was: `"x"` ``. */
const NAME_OF_SENTENCE = /([\w.[\]]{1,100}) must (?:be|match)\b[^\n]*$/;

/** The word, and a quote. */
const OPENING = /(?:value|entry)( was)?:? (["'`])/iy;

const NAME_BEHIND =
  /["'`](?: \(type [^)\n]{1,60}\))? (?:at|for|of|in) (?:the )?(?:(?:path|field|key|property|column|parameter|param|option|argument|header) )?(["'`])([^"'`\n]{1,200})\1/y;

/**
 * `Cast to Number failed for value "x" (type string) at path "pin"`, `Invalid value 'x' for field 'password'`,
 * `Duplicate entry 'x' for key 'users.api_key'`; and the values that have their name before them.
 */
function namedValue(text: string, at: number, judge: Judge): Span | null {
  const opening = matchAt(OPENING, text, at);
  if (!opening) return enumValue(text, at, judge);
  const [whole, was, quote] = opening;
  const from = at + whole.length;
  const before = text.slice(Math.max(0, at - 200), at);
  const name = (was === undefined ? NAME_BEFORE.exec(before)?.[2] : NAME_OF_SENTENCE.exec(before)?.[1]) ?? '';
  if (judge(name) !== 'harmless') return valueUpTo(closing(quote as string), text, from, judge(name));
  let end = from;
  for (let quotes = 0; quotes < MAX_QUOTES; quotes++, end++) {
    end = text.indexOf(quote as string, end);
    if (end < 0 || end > from + READ) return null;
    const verdict = judge(matchAt(NAME_BEHIND, text, end)?.[2] ?? '');
    if (verdict !== 'harmless') return isKept(text.slice(from, end), verdict) ? null : [from, end];
  }
  return null;
}

const ENUM = /value for path `([^`\n]{1,200})`/y;

/** Mongoose: `` `x` is not a valid enum value for path `apiKey` ``. */
function enumValue(text: string, at: number, judge: Judge): Span | null {
  const name = matchAt(ENUM, text, at)?.[1];
  if (name === undefined || judge(name) === 'harmless') return null;
  const to = at - '` is not a valid enum '.length;
  if (!text.startsWith('` is not a valid enum ', to)) return null;
  const before = text.slice(Math.max(0, to - READ), to);
  const length =
    /(?:^|\n)(?:\w*Error: )?`([^\n]*)$/.exec(before)?.[1]?.length ??
    before.length - 1 - before.lastIndexOf('`');
  return length > 0 && length < before.length ? [to - length, to] : null;
}

/** MongoDB, where it does not name the members: `index: apiKey_1 dup key: { : "x" }`, `{ apiKey: CollationKey(0x2b) }`. */
function valueOfIndex(text: string, at: number, judge: Judge): Span | null {
  const opening = matchAt(/dup key: \{ (?=:|[\w.]{1,100}: CollationKey)/y, text, at);
  if (!opening) return null;
  const index = /index: (?:\S{0,200}\$)?([^\s$]{1,200})(?: collation: \{[^{}\n]{0,300}\})? $/.exec(
    text.slice(Math.max(0, at - 800), at),
  )?.[1];
  if (index === undefined || judge(index) === 'harmless') return null;
  return valueUpTo([/ \}/], text, at + opening[0].length, 'secret');
}

/** PostgreSQL: `Key (api_key)=(x) already exists.` */
function valueOfKey(text: string, at: number, judge: Judge): Span | null {
  const found = matchAt(/Key \(([^()\n]{1,200})\)=\(/y, text, at);
  const verdicts = found?.[1]?.split(',').map((name) => judge(name.trim())) ?? [];
  if (!found || verdicts.every((verdict) => verdict === 'harmless')) return null;
  return valueUpTo([/\)(?= (?:already|is|conflicts|has)\b|$)/], text, at + found[0].length, 'secret');
}

/** SQL: `PASSWORD 'x'`, `SET PASSWORD FOR ann = 'x'`, `IDENTIFIED BY 'x'`. */
function statedPassword(text: string, at: number): Span | null {
  const opening = matchAt(
    /(?:PASSWORD(?: FOR [^\s=]{1,200})?(?: =)?|IDENTIFIED (?:WITH \S{1,60} )?(?:BY|AS))(?: PASSWORD)? (["'])/y,
    text,
    at,
  );
  return opening ? valueUpTo(closing(opening[1] as string), text, at + opening[0].length, 'secret') : null;
}

const closing = (quote: string): RegExp[] => [new RegExp(`${quote}(?!\\w)`)];

/** The value that ends where the first of `ends` is found that is; without any near, it goes on to the end of the text. */
function valueUpTo(
  ends: readonly RegExp[],
  text: string,
  from: number,
  verdict: ReturnType<Judge>,
): Span | null {
  const near = text.slice(from, from + READ);
  const length = ends.map((end) => near.search(end)).find((at) => at >= 0);
  const to = length === undefined ? text.length : from + length;
  return isKept(text.slice(from, to), verdict) ? null : [from, to];
}
