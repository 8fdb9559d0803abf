import { isObject } from '../util/complaints';

const KINDS = ['string', 'number', 'boolean', 'object', 'array', 'any'] as const;

/** What a member of the metadata must be: a kind of value, or one of some texts. */
export type MemberRule = (typeof KINDS)[number] | readonly string[];

/** The Standard Schema interface (standardschema.dev), which most validators have. */
export interface StandardSchema {
  readonly '~standard': { validate(value: unknown): unknown };
}

/**
 * What the metadata of an action is: members by name, `?` behind the name of one that may be absent; a function that says what
 * is wrong, if anything; or a validator with the Standard Schema interface.
 */
export type MetadataSchema =
  | Readonly<Record<string, MemberRule>>
  | ((metadata: Readonly<Record<string, unknown>>) => string | null | undefined)
  | StandardSchema;

/** What is wrong with a schema itself; null when nothing is. */
export function schemaFault(schema: unknown): string | null {
  if (typeof schema === 'function' || isStandard(schema)) return null;
  if (!isObject(schema)) return 'an object of rules, a function or a Standard Schema';
  const bad = Object.entries(schema).find(([, rule]) => !isRule(rule));
  return bad ? `rules such as 'string' or ['admin', 'member'], not that of ${bad[0]}` : null;
}

/** What is wrong with the metadata of an event; null when nothing is. */
export function metadataFault(schema: MetadataSchema, metadata: unknown): string | null {
  const given = isObject(metadata) ? metadata : {};
  if (typeof schema === 'function') return schema(given) ?? null;
  if (isStandard(schema)) return standardFault(schema, given);
  const names = Object.keys(schema).map((name) => name.replace(/\?$/, ''));
  const unknown = Object.keys(given).filter((name) => given[name] !== undefined && !names.includes(name));
  const faults = Object.entries(schema).flatMap(([name, rule]) => memberFault(name, rule, given));
  return [...faults, ...unknown.map((name) => `\`${name}\` is not in its catalogue`)].join('; ') || null;
}

function memberFault(name: string, rule: MemberRule, given: Record<string, unknown>): string[] {
  const member = name.replace(/\?$/, '');
  const value = Object.hasOwn(given, member) ? given[member] : undefined;
  if (value === undefined) return name.endsWith('?') ? [] : [`\`${member}\` is missing`];
  if (Array.isArray(rule))
    return rule.includes(value) ? [] : [`\`${member}\` must be one of ${rule.join(', ')}`];
  return isKind(value, rule as string) ? [] : [`\`${member}\` must be of the kind ${rule as string}`];
}

function isKind(value: unknown, kind: string): boolean {
  if (kind === 'any') return true;
  if (kind === 'array') return Array.isArray(value);
  return kind === 'object' ? isObject(value) : typeof value === kind;
}

function standardFault(schema: StandardSchema, given: object): string | null {
  const answer = schema['~standard'].validate(given) as
    { issues?: readonly { message?: unknown }[] } | undefined;
  if (typeof (answer as { then?: unknown } | undefined)?.then === 'function')
    return 'its schema must answer at once';
  return answer?.issues?.map(({ message }) => String(message)).join('; ') ?? null;
}

function isStandard(schema: unknown): schema is StandardSchema {
  const standard = (schema as Partial<StandardSchema> | null | undefined)?.['~standard'];
  return typeof standard?.validate === 'function';
}

function isRule(rule: unknown): boolean {
  if (Array.isArray(rule)) return rule.length > 0 && rule.every((text) => typeof text === 'string');
  return KINDS.some((kind) => kind === rule);
}
