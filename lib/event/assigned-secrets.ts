import { isLabel, labelledSecret } from './labelled-secrets';
import { REDACTED } from './redacted';
import type { NameVerdict } from './secret-names';
import type { Judge, Span } from './span';
import { isKept, type Named, type Site, spokenSecret } from './spoken-secrets';

/**
 * The secret that a text names: `password=x` in form texts, queries, fragments, cookies and connection strings,
 * `"password":"x"` in JSON, escaped or not, `password: x2` in logs, and what a label names.
 *
 * It is asked for each `=` and `:`, and looks at what is before and behind it, so that the time grows with the text: a
 * name is read back over at most `NAME` characters, and what was found is not read again.
 */
export function assignedSecretAt(text: string, at: number, sign: string, judge: Judge): Span | null {
  const next = text[at + sign.length];
  if (next === '=' || (sign === ':' && next === ':')) return null;
  if (sign === '=' && '=!<>'.includes(text[at - 1] ?? ' ')) return null;
  const named = nameBefore(text, at);
  const verdict = named ? judgeIn(text, named, at, sign, judge) : 'harmless';
  if (!named) return null;
  if (verdict === 'harmless')
    return isLabel(named.name)
      ? labelledSecret(text, at + sign.length, judge, (from, verdict) =>
          valueAt({ text, from, ...named, verdict, sign: '=', isSpaced: false }),
        )
      : null;
  let from = at + sign.length;
  if (next === '>') from++; // `=>`
  const behind = from;
  while (BLANK.has(text[from] ?? '')) from++;
  if (text.startsWith(REDACTED, from)) return null;
  const isSpaced = from > behind || text[at - 1] === ' ';
  return valueAt({ text, from, ...named, verdict, sign, isSpaced });
}

/** The name that ends before a sign, within quotes or not, and null where none with two letters is. */
function nameBefore(text: string, at: number): Named | null {
  let end = at;
  const first = Math.max(0, at - NAME);
  if (end > first && text[end - 1] === ':') end--; // `:=`
  while (end > first && text[end - 1] === ' ') end--;
  if (text.endsWith('%22', end)) end -= 3;
  else if (end > first && QUOTES.includes(text[end - 1] as string)) {
    end--;
    while (end > first && text[end - 1] === '\\') end--;
  }
  let nameAt = end;
  let letters = 0;
  for (; nameAt > first; nameAt--) {
    const code = text.charCodeAt(nameAt - 1);
    const kind = code < 128 ? (NAME_CHARACTERS[code] as number) : 0;
    if (kind === 0) break;
    if (kind === 2) letters++;
  }
  return letters < 2 ? null : { name: text.slice(nameAt, end), nameAt };
}

const QUOTES = `"'\``;

/** By ASCII code: 1 for what a name may have, 2 for letters. */
const NAME_CHARACTERS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[A-Za-z]/.test(character) ? 2 : /[\w$.\-[\]%+~/]/.test(character) ? 1 : 0;
});

/** Between the sign and the value: in Markdown, `**Password:** x`. */
const BLANK = new Set([' ', '\t', '*']);

/** Characters that a name may have, at most. */
const NAME = 100;

/** A query also has secrets under names that mean nothing elsewhere: the signature that opens a link, OAuth's code. */
const QUERY_SECRET = /^(?:sig|(?:x-(?:amz|goog|ms)-)?signature)$/i;

function judgeIn(text: string, { name, nameAt }: Named, at: number, sign: string, judge: Judge): NameVerdict {
  const verdict = judge(decodeName(name));
  if (verdict !== 'harmless' || sign !== '=' || !'?&#'.includes(text[nameAt - 1] ?? ' ')) return verdict;
  if (QUERY_SECRET.test(name)) return 'secret';
  return name === 'code' && /^[\w.~%/+-]{20}/.test(text.slice(at + 1, at + 21)) ? 'secret' : 'harmless';
}

function decodeName(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function valueAt(site: Site): Span | null {
  const { text, from } = site;
  const quote = /\\*["'`]|%22/y;
  quote.lastIndex = from;
  const opening = quote.exec(text)?.[0];
  if (opening !== undefined) return quoted(site, from + opening.length, opening);
  if (text[from] === '{' || text[from] === '[') return bracketed(site);
  return site.sign === ':' || site.isSpaced ? spokenSecret(site) : written(site);
}

/** Up to the same quote, escaped as often as the first one was. */
function quoted({ text, verdict }: Site, from: number, opening: string): Span | null {
  const sign = opening.startsWith('%') ? opening : opening.slice(-1);
  let at = text.indexOf(sign, from);
  while (at >= 0 && !isSameQuote(text, at, opening.length - sign.length)) at = text.indexOf(sign, at + 1);
  const end = at < 0 ? text.length : at - (opening.length - sign.length);
  return isKept(text.slice(from, end), verdict) ? null : [from, end];
}

/** Whether the quote at `at` closes one with `escapes` backslashes: within it one more escape doubles them, and adds one. */
function isSameQuote(text: string, at: number, escapes: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % (2 * (escapes + 1)) === escapes;
}

/** What JSON has behind an opening bracket, other than an end. */
const JSON_ITEM = /^\s*(?:\\*["'{[]|[\d-]|true|false|null)/;

/** An object or an array, as far as its brackets say that stand outside of quotes. */
function bracketed({ text, from, isSpaced }: Site): Span | null {
  // `password: {` of a program, and `password={a;b}` of a connection string.
  if (isSpaced && !JSON_ITEM.test(text.slice(from + 1, from + 40))) return null;
  const mark = /[[\]{}]|\\*"/g;
  mark.lastIndex = from;
  let depth = 0;
  let escapes = -1; // outside of quotes
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const sign = found[0];
    if (sign.endsWith('"')) {
      const backslashes = sign.length - 1;
      if (escapes < 0) escapes = backslashes;
      else if (backslashes % (2 * (escapes + 1)) === escapes) escapes = -1;
    } else if (escapes < 0) {
      depth += '[{'.includes(sign) ? 1 : -1;
      if (depth === 0) return [from, mark.lastIndex];
    }
  }
  return [from, text.length];
}

/** What ends a value that stands without quotes: white space, quotes, or what begins the next member. */
const WRITTEN = /(?:[^\s&;,#"'`<>|\\)\]}]|[&;,#](?!\s|$|[\w.%[\]$-]*=)|[)\]}](?=[^\s&;,.:"'`<>)\]}]))+/y;

/** The value of `name=value`. */
function written(site: Site): Span | null {
  const { text, from, verdict } = site;
  WRITTEN.lastIndex = from;
  const value = WRITTEN.exec(text)?.[0];
  if (value === undefined || isKept(value, verdict)) return null;
  return [from, from + connectionValue(site, value.length)];
}

/** In `Server=db;Password=a b;` a value goes on to the semicolon. */
function connectionValue({ text, from, nameAt }: Site, length: number): number {
  let at = nameAt - 1;
  while (at >= 0 && text[at] === ' ') at--;
  if (at >= 0 && text[at] !== ';') return length;
  const rest = /[^;\n"'&]*;/y;
  rest.lastIndex = from + length;
  const more = rest.exec(text)?.[0];
  return more === undefined ? length : length + more.length - 1;
}
