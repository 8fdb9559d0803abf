/** What stands in an entry where a secret was. */
export const REDACTED = '[REDACTED]';
