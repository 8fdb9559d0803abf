import type { Span } from './span';

/** Behind `scheme://`, up to the path. */
const AUTHORITY = /[^\s/?#"'`<>\\]*/y;

/** A password that should have been encoded: what follows the colon is no port, and an `@` comes later. */
const ODD_AUTHORITY = /[^\s"'`<>\\@:/?#]*:(?!\d{0,5}(?:[/?#\s"'`]|$))[^\s"'`<>\\]*@/y;

/** As far as an odd password is looked for. */
const ODD_LENGTH = 256;

/**
 * The secret between `scheme://`, which ends at `from`, and the host: the password, or the token that is the user's name.
 * @param isCut whether the text went on, so that the `@` may be missing
 */
export function passwordInUrl(text: string, from: number, isCut: boolean): Span | null {
  const length = userLength(text, from);
  if (length <= 0) return isCut ? cutPassword(text, from) : null;
  const user = text.slice(from, from + length);
  const colon = user.indexOf(':');
  const password = colon < 0 ? '' : user.slice(colon + 1);
  if (password !== '' && !isNoPassword(password)) return [from + colon + 1, from + length];
  return user !== ':' && (colon >= 0 || isLongToken(user)) ? [from, from + length] : null;
}

/** No host and no port is as long. */
const LONGER_THAN_HOST = 300;

/** A password that goes on to the end of a text. */
function cutPassword(text: string, from: number): Span | null {
  AUTHORITY.lastIndex = from;
  const user = AUTHORITY.exec(text)?.[0] ?? '';
  const colon = user.indexOf(':');
  if (from + user.length < text.length || colon < 0 || user.length - colon < LONGER_THAN_HOST) return null;
  return [from + colon + 1, text.length];
}

/** Characters before the `@`; -1 without one. */
function userLength(text: string, from: number): number {
  AUTHORITY.lastIndex = from;
  const at = (AUTHORITY.exec(text)?.[0] ?? '').lastIndexOf('@');
  if (at >= 0) return at;
  return (matchAt(ODD_AUTHORITY, text.slice(from, from + ODD_LENGTH))?.length ?? 0) - 1;
}

function matchAt(expression: RegExp, text: string): string | undefined {
  expression.lastIndex = 0;
  return expression.exec(text)?.[0];
}

/** What stands for the password where a token is the user's name. */
const isNoPassword = (password: string): boolean => /^(?:x-oauth-basic|x|X)$/.test(password);

const isLongToken = (name: string): boolean =>
  name.length >= 20 && /^[\w.~-]+$/.test(name) && /\d/.test(name) && /[a-zA-Z]/.test(name);
