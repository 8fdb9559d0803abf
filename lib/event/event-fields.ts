import { Complaints } from '../util/complaints';
import { OUTCOMES, type Outcome } from '../vocabulary';
import { isDate } from './builtin';
import { identifierText } from './identifier';
import { isPrintable, parseInstant } from './instant';
import { endsInDigest, isLongerThan } from './size-limit';
import type { Secrets } from './secrets';

/** Characters that the name of an action may have. */
export const ACTION_LIMIT = 256;

/**
 * Reads the fields of one event in which a mistake of the programmer's is refused, and collects all that is wrong with
 * them. A reader gives `undefined` for what is absent (also `null`), and for what is wrong once it has noted the complaint.
 */
export class EventFields {
  readonly complaints = new Complaints();

  constructor(private readonly secrets: Secrets) {}

  complain(field: string, rule: string, value: unknown): undefined {
    const secret = typeof value === 'string' && this.secrets.isText(value);
    return secret
      ? this.complaints.add(field, rule, value, 'a secret')
      : this.complaints.add(field, rule, value);
  }

  action(value: unknown): string | undefined {
    if (isAbsent(value))
      return this.complaints.missing('action', 'say what happened, such as `org.member.invite`');
    if (typeof value === 'string' && value !== '' && !isLongerThan(value, ACTION_LIMIT))
      return value.toWellFormed();
    const rule = `a string of 1 to ${ACTION_LIMIT} characters (what varies belongs in \`metadata\`)`;
    return this.complain('action', rule, value);
  }

  /** A key of the store: the same text must come back, and it must not be a secret. */
  key(field: string, value: unknown, max: number): string | undefined {
    if (isAbsent(value)) return undefined;
    const text = identifierText(value);
    if (typeof text !== 'string' || text === '' || isLongerThan(text, max))
      return this.complain(field, `a string of 1 to ${max} characters (give a hash of a longer one)`, value);
    if (text.isWellFormed() && !text.includes('\0') && !(this.secrets.isText(text) && !endsInDigest(text)))
      return text;
    const rule = 'free of lone surrogates, U+0000 and secrets (give a hash of such a text)';
    return this.complain(field, rule, value);
  }

  outcome(value: unknown): Outcome | undefined {
    if (isAbsent(value) || OUTCOMES.includes(value as Outcome)) return (value ?? undefined) as Outcome;
    return this.complain('outcome', `one of ${OUTCOMES.join(', ')}`, value);
  }

  /** Milliseconds since 1970. */
  instant(field: string, value: unknown): number | undefined {
    if (isAbsent(value)) return undefined;
    const time =
      typeof value === 'string'
        ? parseInstant(value)
        : isDate(value)
          ? Date.prototype.getTime.call(value)
          : null;
    if (time !== null && isPrintable(time)) return time;
    return this.complain(field, 'a valid Date or an RFC 3339 date-time with its zone', value);
  }
}

/** Whether a field is not given. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
