/**
 * Whether a function of the application has answered by a promise where it must answer at once. What becomes of that is
 * nobody's business then, and no unhandled rejection.
 */
export function isPromise(answer: unknown): boolean {
  if (answer instanceof Promise) answer.catch(() => undefined);
  return (
    typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function'
  );
}
