import { Complaints, isObject } from '../util/complaints';
import { ACTOR_TYPES, OUTCOMES, type Outcome } from '../vocabulary';
import { isDate } from './builtin';
import type { EventContext } from './event';
import { identifierText } from './identifier';
import { isPrintable, parseInstant } from './instant';
import { isLongerThan, TEXT_LIMIT } from './size-limit';
import type { Secrets } from './secrets';

/** An actor or resource in its parts. */
export interface Reference {
  id: string;
  type?: string | undefined;
  name?: string | undefined;
  onBehalfOf?: string | undefined;
}

const RESOURCE_FIELDS = ['id', 'type', 'name'];
const ACTOR_FIELDS = [...RESOURCE_FIELDS, 'onBehalfOf'];

const CONTEXT_FIELDS: Record<keyof EventContext, 'string' | 'number'> = {
  ipAddress: 'string',
  userAgent: 'string',
  method: 'string',
  route: 'string',
  path: 'string',
  statusCode: 'number',
  durationMs: 'number',
  requestId: 'string',
  traceId: 'string',
};

/**
 * Reads the fields of one event and collects all that is wrong with them. A reader gives `undefined` for what is
 * absent, and for what is wrong once it has noted the complaint.
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

  text(field: string, value: unknown, min: number, max: number): string | undefined {
    if (value === undefined) return undefined;
    const rule =
      min > 0 ? `a string of ${min} to ${max} characters` : `a string of at most ${max} characters`;
    if (typeof value !== 'string' || value.length < min || isLongerThan(value, max)) {
      return this.complain(field, rule, value);
    }
    return value.toWellFormed();
  }

  /** A string, or what prints as one: numbers and ObjectIds. */
  identifier(field: string, value: unknown, min: number, max: number): string | undefined {
    return this.text(field, identifierText(value), min, max);
  }

  /** A key of the store: the same text must come back, and it must not be a secret. */
  key(field: string, value: unknown, max: number): string | undefined {
    const text = this.identifier(field, value, 1, max);
    if (text === undefined) return undefined;
    const storable = text === identifierText(value) && !text.includes('\0') && !this.secrets.isText(text);
    return storable ? text : this.complain(field, 'free of lone surrogates, U+0000 and secrets', value);
  }

  outcome(value: unknown): Outcome | undefined {
    return this.oneOf('outcome', value, OUTCOMES);
  }

  actor(value: unknown): Reference | undefined {
    if (!isReference(value)) return this.bare('actor', value, 1, 256);
    this.complaints.unknownFields(value, ACTOR_FIELDS, 'actor.');
    const type = this.oneOf('actor.type', value.type, ACTOR_TYPES);
    const name = this.text('actor.name', value.name, 0, TEXT_LIMIT);
    const onBehalfOf = this.identifier('actor.onBehalfOf', value.onBehalfOf, 1, 256);
    return { id: this.referredId('actor.id', value.id, 1, 256), type, name, onBehalfOf };
  }

  resource(value: unknown): Reference | undefined {
    if (!isReference(value)) return this.bare('resource', value, 0, TEXT_LIMIT);
    this.complaints.unknownFields(value, RESOURCE_FIELDS, 'resource.');
    const type = this.text('resource.type', value.type, 0, TEXT_LIMIT);
    const name = this.text('resource.name', value.name, 0, TEXT_LIMIT);
    return { id: this.referredId('resource.id', value.id, 0, TEXT_LIMIT), type, name };
  }

  /** Milliseconds since 1970. */
  instant(field: string, value: unknown): number | undefined {
    if (value === undefined) return undefined;
    const time = typeof value === 'string' ? parseInstant(value) : isDate(value) ? value.getTime() : null;
    if (time !== null && isPrintable(time)) return time;
    return this.complain(field, 'a valid Date or an RFC 3339 date-time with its zone', value);
  }

  context(value: unknown): EventContext {
    if (value === undefined) return {};
    if (!isObject(value)) {
      this.complain('context', 'an object', value);
      return {};
    }
    this.complaints.unknownFields(value, Object.keys(CONTEXT_FIELDS), 'context.');
    for (const [field, type] of Object.entries(CONTEXT_FIELDS)) this.contextField(field, value[field], type);
    return value;
  }

  private contextField(field: string, value: unknown, type: 'string' | 'number'): void {
    if (type === 'string') this.text(`context.${field}`, value, 0, TEXT_LIMIT);
    else if (value !== undefined && !(typeof value === 'number' && value >= 0 && Number.isFinite(value))) {
      this.complain(`context.${field}`, 'a number from 0', value);
    }
  }

  private bare(field: string, value: unknown, min: number, max: number): Reference | undefined {
    const id = this.identifier(field, value, min, max);
    return id === undefined ? undefined : { id };
  }

  private referredId(field: string, value: unknown, min: number, max: number): string {
    if (value === undefined) this.complain(field, 'given', value);
    return this.identifier(field, value, min, max) ?? '';
  }

  private oneOf<Choice extends string>(
    field: string,
    value: unknown,
    choices: readonly Choice[],
  ): Choice | undefined {
    if (value === undefined || choices.includes(value as Choice)) return value as Choice | undefined;
    return this.complain(field, `one of ${choices.join(', ')}`, value);
  }
}

/** An actor or resource given in parts, not as an identifier alone. */
function isReference(value: unknown): value is Record<string, unknown> {
  return isObject(value) && identifierText(value) === value;
}
