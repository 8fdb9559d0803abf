/** What stands in an entry where a secret was. */
export const REDACTED = '[REDACTED]';

/** What an application counts as secret beyond the built-in names and shapes. */
export interface RedactOptions {
  /** Further secret member names, compared like the built-in ones: `customerNumber` also means `customer_number`. */
  names?: string[] | undefined;
  /** Further secret shapes: a string that one of them matches is redacted as a whole. */
  values?: RegExp[] | undefined;
  /** Gives what to store in place of a secret, instead of `[REDACTED]`. */
  replace?: ((name: string, value: unknown) => unknown) | undefined;
}

/** Tells secrets by name and by shape. */
export interface Secrets {
  isName(name: string): boolean;
  isText(text: string): boolean;
  replace: ((name: string, value: unknown) => unknown) | undefined;
}

const NAMES =
  'password passwd passphrase pwd secret token authorization cookie credential credentials sessionid apikey ' +
  'privatekey accesskey secretkey signingkey encryptionkey passwordhash otp pin cvv cvc cardnumber creditcard ssn iban';

/** Long enough to be told even at the end of a word that is written without a break: `authtoken`. */
const UNBROKEN = /(?:password|passwd|passphrase|secret|token|authorization|cookie|credential)s?$/;

/** What each secret shape contains: without it, none need be looked for. */
const HINT = /bearer|basic|eyJ|PRIVATE KEY/i;

const BEARER = /\bBearer\s+[\w\-.~+/]{6,}|^\s*Bearer\s+\S+\s*$/i;
const BASIC = /\bBasic\s+([A-Za-z0-9+/_-]{4,}={0,2})/gi;
/** The first part of a JSON Web Token, with what precedes it in one run: else each `eyJ` in it would be read to its end. */
const BEFORE_TWO_DOTS = /(?<![\w-])[\w-]{8,}(?=\.[\w-]{5,}\.)/g;
const TOKEN_HEADER = /\beyJ[\w-]{5}/;
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/** Letters that a plural has more, at most. */
const PLURAL = 2;

/** How many verdicts on names are remembered: applications use few names, attackers may send many. */
const REMEMBERED_NAMES = 5_000;

/** The built-in secrets and those of `options`. */
export function createSecrets(options: RedactOptions = {}): Secrets {
  const names = new Set(NAMES.split(' '));
  for (const name of options.names ?? []) names.add(splitWords(name).join(''));
  names.delete(''); // of a name without letters: the singular of `s` is no secret
  const longest = Math.max(...Array.from(names, (name) => name.length)) + PLURAL;
  const shapes = (options.values ?? []).map(
    (shape) => new RegExp(shape.source, shape.flags.replace(/[gy]/g, '')),
  );
  return {
    isName: memoize((name) => endsWithSecretWords(name, names, longest)),
    isText: (text) => hasSecretShape(text) || shapes.some((shape) => shape.test(text)),
    replace: options.replace,
  };
}

function endsWithSecretWords(name: string, names: Set<string>, longest: number): boolean {
  const words = splitWords(name);
  if (UNBROKEN.test(words.at(-1) ?? '')) return true;
  let ending = '';
  for (const word of words.reverse()) {
    ending = word + ending;
    if (ending.length > longest) return false;
    if (names.has(ending) || names.has(singular(ending))) return true;
  }
  return false;
}

/** The words of a name, split at case changes, digits and punctuation, in lower case. */
function splitWords(name: string): string[] {
  const words = name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{L}\p{M}]/gu) ?? [];
  return words.map((word) => word.toLowerCase());
}

function singular(word: string): string {
  return word.replace(/(?<=sh)es$|s$/, '');
}

function hasSecretShape(text: string): boolean {
  if (!HINT.test(text)) return false;
  return BEARER.test(text) || hasJsonWebToken(text) || PRIVATE_KEY.test(text) || hasBasicCredentials(text);
}

function hasJsonWebToken(text: string): boolean {
  return (text.match(BEFORE_TWO_DOTS) ?? []).some((run) => TOKEN_HEADER.test(run));
}

/** `Basic` before base64 of `user:password`; before another word it is only an adjective. */
function hasBasicCredentials(text: string): boolean {
  for (const [, base64] of text.matchAll(BASIC)) {
    if (decodeLeniently(base64 ?? '').includes(':')) return true;
  }
  return false;
}

function memoize(verdict: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const now = verdict(name);
    if (known.size >= REMEMBERED_NAMES) known.clear();
    if (name.length <= 100) known.set(name, now);
    return now;
  };
}

/** The bytes of base64 as characters, also of its URL-safe form and without padding. A single digit at the end is none. */
function decodeLeniently(base64: string): string {
  const digits = base64.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  return atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits);
}
