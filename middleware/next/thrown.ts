/** What Next answers for something that a handler throws, by the `digest` in which it says so. */
const HTTP_ERROR = /^NEXT_HTTP_ERROR_FALLBACK;(\d{3})$/;
const REDIRECT = /^NEXT_REDIRECT;[\s\S]*;(\d{3});/;

/**
 * The status that comes of what was thrown: of `unauthorized()`, `forbidden()`, `notFound()` and `redirect()` theirs, of an
 * error 500. Of an action without JavaScript Next itself may say another one.
 */
export function statusOf(thrown: unknown): number {
  const digest = (thrown as { digest?: unknown } | null | undefined)?.digest;
  if (typeof digest !== 'string') return 500;
  return Number(HTTP_ERROR.exec(digest)?.[1] ?? REDIRECT.exec(digest)?.[1] ?? 500);
}
