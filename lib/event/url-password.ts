import type { Span } from './secret-shapes';

/** Behind `scheme://`, up to the path. */
const AUTHORITY = /[^\s/?#"'`<>\\]*/y;

/** A password that should have been encoded: what follows the colon is no port, and an `@` comes later. */
const ODD_AUTHORITY = /[^\s"'`<>\\@:/?#]*:(?!\d{0,5}(?:[/?#\s"'`]|$))[^\s"'`<>\\]*@/y;

/** As far as an odd password is looked for. */
const ODD_LENGTH = 256;

/** The secret between `scheme://`, which ends at `from`, and the host: the password, or the token that is the user's name. */
export function passwordInUrl(text: string, from: number): Span | null {
  const length = userLength(text, from);
  if (length <= 0) return null;
  const user = text.slice(from, from + length);
  const colon = user.indexOf(':');
  const password = colon < 0 ? '' : user.slice(colon + 1);
  if (password !== '' && !isNoPassword(password)) return [from + colon + 1, from + length];
  return user !== ':' && (colon >= 0 || isLongToken(user)) ? [from, from + length] : null;
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
