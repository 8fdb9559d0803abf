import { isKept } from './spoken-secrets';
import { type Judge, matchAt, type Span } from './span';

const LABELS = new Set(['name', 'key', 'field', 'path', 'header', 'property', 'param', 'variable', 'k']);

/** Whether a text may give a name as the value of this one: `name="password"`. */
export const isLabel = (name: string): boolean => name.length <= 8 && LABELS.has(name.toLowerCase());

/** The name that a label gives, in quotes. */
const NAME = /\s*(\\*["'`])([\w$.\-[\]/ ]{2,100})\1/y;

/** Between that and the value: at most two further members, and what the value is called. */
const VALUE =
  /(?:[,;\s]*\\*["'`]?\w{1,30}\\*["'`]?\s*[:=]\s*(?:\\*["'`][\w.\- ]{0,100}\\*["'`]|[\w.]{1,30})){0,2}?[,;\s]*\\*["'`]?(?:old|new)?(?:[vV]alue|VALUE|from|to|old|new|before|after|v)\\*["'`]?\s*[:=]\s*/y;

/** A field of a form in several parts: further headers, and an empty line. */
const PART = /(?:;[^\n]{0,300})?\r?\n(?:[\w-]{1,40}:[^\n]{0,300}\n){0,4}\r?\n/y;

/** As far as the end of such a field is looked for, in UTF-16 code units. */
const READ = 2_048;

/**
 * The value that a label names in a text: `{"name":"password","value":"x"}` within other words, `name="password" value="x"`
 * of XML and HTML, a field of a form in several parts. `from` is behind the sign that follows the label.
 * @param valueAt the value that begins at a place
 */
export function labelledSecret(
  text: string,
  from: number,
  judge: Judge,
  valueAt: (from: number, verdict: ReturnType<Judge>) => Span | null,
): Span | null {
  const named = matchAt(NAME, text, from);
  const verdict = named ? judge(named[2] as string) : 'harmless';
  if (!named || verdict === 'harmless') return null;
  const behind = from + named[0].length;
  const value = matchAt(VALUE, text, behind);
  if (value) return valueAt(behind + value[0].length, verdict);
  const part = matchAt(PART, text, behind);
  if (!part) return null;
  const at = behind + part[0].length;
  const end = /\r?\n--/.exec(text.slice(at, at + READ));
  const to = end ? at + end.index : text.length;
  return isKept(text.slice(at, to), verdict) ? null : [at, to];
}

const TAG = /<((?:[\w.-]{1,60}:)?([\w.-]{1,100}))(?:\s[^<>]*)?$/;

/** As far back as a tag is read from its end. */
const TAG_LENGTH = 200;

/** The content of an element of XML, asked for at the end of its tag: `<wsse:Password Type="a">x</wsse:Password>`. */
export function elementSecretAt(text: string, at: number, judge: Judge): Span | null {
  const before = text.slice(Math.max(0, at - TAG_LENGTH), at);
  const tag = before.includes('<') ? TAG.exec(before) : null;
  const verdict = tag ? judge(tag[2] as string) : 'harmless';
  if (!tag || verdict === 'harmless') return null;
  const from = at + 1;
  const to = text.indexOf('<', from);
  if (to <= from || !text.startsWith(`</${tag[1] as string}>`, to)) return null;
  const value = text.slice(from, to);
  return /^\s*$/.test(value) || isKept(value, verdict) ? null : [from, to];
}
