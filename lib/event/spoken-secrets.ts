import type { NameVerdict } from './secret-names';
import type { Span } from './span';

/** A name in a text. */
export interface Named {
  name: string;
  /** Where the name begins. */
  nameAt: number;
}

/** A place where a text gives a secret its value. */
export interface Site extends Named {
  text: string;
  /** Where the value begins. */
  from: number;
  verdict: NameVerdict;
  sign: string;
  /** Whether there is a blank beside the sign: `password = x`. */
  isSpaced: boolean;
}

/**
 * The value of `name: value` and of `name = value`, which stand in prose, programs, logs and the text of a request. Only
 * what looks like a secret counts: "Password: must have 8 characters" is none.
 */
export function spokenSecret(site: Site): Span | null {
  const { text, from, name, nameAt, sign, verdict } = site;
  const isHeader = sign === ':' && isLineStart(text, nameAt);
  const header = isHeader ? headerValue(text, from, name) : null;
  if (header) return header;
  if (/authorization$/i.test(name)) {
    const scheme = match(SCHEME_AND_TOKEN, text, from);
    if (scheme !== '') return [from, from + scheme.length];
  }
  const line = match(/[^\n\r"'`\\]*/y, text.slice(from, from + READ));
  const value = match(/[^\s;,"'`<>]*/y, line).replace(/[.:!?)\]}]+$/, '');
  if (isKept(value, verdict) || PROSE.test(value) || isCode(value, line)) return null;
  const isAlone = match(/[.:!?)\]}]*\s*/y, line.slice(value.length)).length === line.length - value.length;
  if (!isRandom(value, site, isAlone) && !(isAlone && isWord(value) && isPlain(site, isHeader))) return null;
  return [from, from + match(/[^\s;,"'`<>]*/y, text, from).length];
}

/** As far as a line is read to tell what a value is. */
const READ = 256;

/** Words behind `password:` that are none. */
const PROSE =
  /^(?:expired|invalid|missing|required|null|undefined|nil|true|false|revoked|changed|ok|yes|no|empty|wrong|incorrect|hidden|set|unset|optional|reset|updated|created|deleted|disabled|enabled|valid|unknown|n\/a|denied|accepted|rejected|failed|success|protected|string|number|boolean|object|text|token|password|rotated|active|inactive|sha-?\d+|md5|base64|utf-?8|oauth2?|argon2\w*|v\d+|uint8array)$/i;

const SCHEME =
  /^(?:Bearer|Basic|Digest|Token|Negotiate|NTLM|ApiKey|Key|AWS4-HMAC-SHA256|SharedKey|Signature|Hawk)[ \t]+\S/i;

/** Within a line, where other words follow. */
const SCHEME_AND_TOKEN =
  /(?:Digest|Token|Negotiate|NTLM|ApiKey|Key|SharedKey)[ \t]+(?=[^\s,;"'`]*\d)[^\s,;"'`]{6,}/iy;

/** The rest of a line such as `Authorization: Token x` and `Cookie: a=b`, as of a member with that name. */
function headerValue(text: string, from: number, name: string): Span | null {
  const isAuthorization = /^(?:proxy-)?authorization$/i.test(name);
  if (!isAuthorization && !/^(?:set-)?cookie$/i.test(name)) return null;
  const line = match(/[^\n\r"'`\\]*/y, text, from);
  const isValue = isAuthorization ? SCHEME.test(line) : line.includes('=');
  return isValue ? [from, from + line.length] : null;
}

function isLineStart(text: string, at: number): boolean {
  return at === 0 || /[\n"'`]\s?$|\\n$/.test(text.slice(Math.max(0, at - 2), at));
}

/** An expression or a type of a program: `req.body.password`, `getToken()`, `string | null`, `API_KEY`. */
function isCode(value: string, line: string): boolean {
  return (
    /^[A-Za-z_$][\w$]*(?:[?!]?\.[A-Za-z_$][\w$]*)+$/.test(value) ||
    /^(?:await|new|function|async|typeof|process|req|this|self|ctx)\b/.test(value) ||
    /^[A-Za-z_$][\w$.?!]*[([]/.test(value) ||
    /^[A-Za-z_$][\w$.]*\s*(?:[|({=<]|&&|\?\?)/.test(line) ||
    /^[A-Z]+(?:_[A-Z]+)+$/.test(value)
  );
}

/** Whether a value is no word: a digit or a sign among its letters, or very long. */
function isRandom(value: string, { isSpaced, sign }: Site, isAlone: boolean): boolean {
  if (/^\d+$/.test(value)) return isSpaced && value.length >= 4;
  if (!isSpaced && (value.length < 8 || value.includes('/'))) return false;
  if (!isAlone && /^\d+(?:-?[a-z]+)+$/i.test(value)) return false; // `8-character`
  if (/^[a-z]+(?:[A-Z][a-z]+)+$/.test(value)) return isAlone && sign === ':' && value.length >= 24;
  const hasDigit = /\d/.test(value) && /[A-Za-z]/.test(value);
  return (
    (hasDigit && value.length >= 5) ||
    /\w[!@#$%^&*]+\w/.test(value) ||
    (value.length >= 24 && !value.includes('/'))
  );
}

const isWord = (value: string): boolean => value.length >= 4 && !/^[A-Z][a-z]+$/.test(value);

/** Whether a name says so plainly that a word alone on its line is the secret: `db_password: swordfish`. */
function isPlain({ name, sign, isSpaced }: Site, isHeader: boolean): boolean {
  if (sign !== ':' || !isSpaced) return false;
  return (
    /pass(?:w|p|_|-|$)|pwd|[\w-]secret/i.test(name) || (isHeader && /^[A-Za-z]+(?:-[A-Za-z]+)+$/.test(name))
  );
}

/** What is no secret whatever its name: nothing, a mark, a reference to a variable, a number where that only counts. */
export function isKept(value: string, verdict: NameVerdict): boolean {
  return (
    value === '' ||
    value === '[REDACTED' ||
    /^(?:[*•.x]{2,}|\$\{?[A-Za-z_][\w.]*\}?|\{\{[^}]*\}\}|%[A-Z_]+%|<[^>]*>|null|undefined|true|false|none)$/i.test(
      value,
    ) ||
    (verdict === 'unless number' && /^\d{1,9}$/.test(value))
  );
}

function match(expression: RegExp, text: string, at = 0): string {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? '';
}

const OPTION = /--([\w-]{2,60})[ \t]+(?!-)([^\s;,"'`<>]{1,256})/y;

/** The value of an option of a command line: `--password x2`. */
export function optionSecretAt(text: string, at: number, judge: (name: string) => NameVerdict): Span | null {
  if (at > 0 && !/[\s"'`]/.test(text[at - 1] as string)) return null;
  OPTION.lastIndex = at;
  const [whole, name = '', value = ''] = OPTION.exec(text) ?? [];
  if (whole === undefined || judge(name) === 'harmless' || isKept(value, judge(name))) return null;
  const end = at + whole.length;
  return /\d|[^\w.]/.test(value) || end === text.length ? [end - value.length, end] : null;
}
