import { AuditError, type AuditErrorCode } from '../errors';
import { quote } from './quote';

/** Complaints that an error says in full: a short request must not get a long answer. */
const MAX_REPORTED = 20;

/** All that is wrong with one thing, said in one error. */
export class Complaints {
  private readonly list: string[] = [];
  private more = 0;

  /** Notes that `field` breaks its rule. Gives `undefined`, for a reader to return in place of the value. */
  add(field: string, rule: string, value: unknown, shown = quote(value)): undefined {
    this.note(`\`${field}\` must be ${rule}, got ${shown}`);
    return undefined;
  }

  /** Notes what is wrong, in words that begin with the field. Gives `undefined`, as `add` does. */
  note(complaint: string): undefined {
    if (this.list.length < MAX_REPORTED) this.list.push(complaint);
    else this.more++;
    return undefined;
  }

  /** Notes that `field` is not there, and what to do about it. */
  missing(field: string, mend: string): undefined {
    this.note(`\`${field}\` is missing: ${mend}`);
    return undefined;
  }

  /** Notes the members of `object` that are not known; an explicit `undefined` counts as absent. */
  unknownFields(object: object, known: readonly string[], prefix = '', mend = ''): void {
    for (const field of Object.keys(object)) {
      if (known.includes(field) || (object as Record<string, unknown>)[field] === undefined) continue;
      this.note(
        `\`${quote(prefix + field).slice(1, -1)}\` is not known, known are ${known.join(', ')}${mend && ` (${mend})`}`,
      );
    }
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  /** @throws AuditError with all complaints behind `subject`, if there are any. */
  assertNone(code: AuditErrorCode, subject: string): void {
    if (this.isEmpty) return;
    const more = this.more > 0 ? `; and ${this.more} more` : '';
    throw new AuditError(code, `${subject}: ${this.list.join('; ')}${more}.`);
  }
}

/**
 * Holds what a function was given to an object of options.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function assertOptions(caller: string, options: unknown): asserts options is object {
  if (isObject(options)) return;
  throw new AuditError('INVALID_OPTIONS', `${caller} takes an object of options, got ${quote(options)}.`);
}

/** Whether `value` is an object with members, not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
