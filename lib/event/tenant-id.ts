import { isLongerThan } from './size-limit';

/** Characters that the id of a tenant may have, counted as code points. */
export const TENANT_ID_LENGTH = 256;

/** What `isTenantId` asks, in words. */
export const TENANT_ID_RULE = `a string of 1 to ${TENANT_ID_LENGTH} characters without lone surrogates and U+0000`;

/** Whether a value can be the id of a tenant: a string that the database gives back as it was. */
export function isTenantId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    !isLongerThan(value, TENANT_ID_LENGTH) &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}
