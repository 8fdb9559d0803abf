import { isDate } from './builtin';
import { attempt } from '../util/attempt';

const INSTANT = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** What says nothing under a name that is secret for texts: a flag, an instant, where it only counts a number. */
export function readFlag(read: () => unknown, isCount: boolean): unknown {
  const value = attempt(read);
  const isHarmless =
    typeof value === 'boolean' ||
    (isCount && Number.isFinite(value)) ||
    (typeof value === 'string' && INSTANT.test(value)) ||
    (typeof value === 'object' &&
      value !== null &&
      attempt(() => isDate(value) && Number.isFinite(value.getTime())) === true);
  return isHarmless ? value : undefined;
}
