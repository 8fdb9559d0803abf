import type { JsonObject } from '../chain/json';
import { omitUndefined } from '../util/omit-undefined';
import type { EventContext } from './event';
import { firstCodePoints, isLongerThan, TEXT_LIMIT } from './size-limit';
import { REDACTED, type Secrets } from './secrets';

/**
 * The context of an entry: what the request knows, under what the caller says. Texts of the request come from outside:
 * a long one is cut and ends in `…`, so that no client can keep itself out of the ledger by an oversized header.
 */
export function mergeContext(
  request: EventContext,
  given: EventContext,
  secrets: Secrets,
): JsonObject | undefined {
  const context: JsonObject = {};
  for (const [field, value] of Object.entries<string | number | undefined>({
    ...request,
    ...omitUndefined(given),
  })) {
    if (typeof value === 'string')
      context[field] = truncateText(secrets.redactMember(field, value.toWellFormed()));
    else if (value !== undefined && secrets.isOwnMember(field)) context[field] = REDACTED;
    else if (value !== undefined) context[field] = value === 0 ? 0 : value; // -0 is no JSON
  }
  return Object.keys(context).length > 0 ? context : undefined;
}

/** At most 1,024 characters of `text`; a cut one ends in `…`. */
export function truncateText(text: string): string {
  return isLongerThan(text, TEXT_LIMIT) ? `${firstCodePoints(text, TEXT_LIMIT - 1)}…` : text;
}
