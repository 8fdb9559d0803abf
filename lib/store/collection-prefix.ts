/** What the names of a ledger's collections begin with. */
export const DEFAULT_PREFIX = 'audit';

/** What `isCollectionPrefix` lets through, in words. The names need no quotes in a shell of the database. */
export const PREFIX_RULE = '1 to 64 letters, digits and underscores, a letter first';

export function isCollectionPrefix(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z]\w{0,63}$/.test(value);
}
