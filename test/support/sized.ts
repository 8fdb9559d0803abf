/** Whether this is `npm run test:long`. */
export const isLong = process.env['AUDIT_TEST_LONG'] === '1';

/**
 * How large a test is: the first number in `npm test`, which has to take minutes, the second in `npm run test:long`.
 */
export function sized(usual: number, long: number): number {
  return isLong ? long : usual;
}
