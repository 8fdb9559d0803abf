import released from '../../vectors/ocsf/1.8.0.json';
import next from '../../vectors/ocsf/1.9.0-dev.json';

interface Attribute {
  type: string;
  requirement: string | null;
  is_array?: boolean;
  enum?: string[];
}

interface Shape {
  attributes: Record<string, Attribute>;
  constraints: { at_least_one?: string[]; just_one?: string[] };
}

interface Schema {
  version: string;
  classes: Record<string, Shape>;
  objects: Record<string, Shape>;
  types: Record<string, { type?: string; regex?: string; max_len?: number }>;
}

const SCHEMAS: Record<string, Schema> = {
  [released.version]: released as unknown as Schema,
  [next.version]: next as unknown as Schema,
};

/** Numbers that follow from the class, which the schema's own server puts in: they are checked by themselves. */
const DERIVED = ['.class_uid', '.category_uid', '.type_uid'];

/** All that is wrong with an event by the published schema of its version. */
export function ocsfFaults(event: Record<string, unknown>): string[] {
  const { version } = event['metadata'] as { version: string };
  const schema = SCHEMAS[version];
  const shape = schema?.classes[String(event['class_uid'])];
  if (!schema || !shape) return [`no class ${String(event['class_uid'])} in ${version}`];
  const { class_uid, category_uid, activity_id, type_uid } = event as Record<string, number>;
  const faults = faultsIn(event, shape, schema, '');
  if (category_uid !== Math.floor(class_uid! / 1000)) faults.push('category_uid');
  if (type_uid !== class_uid! * 100 + activity_id!) faults.push('type_uid');
  return faults;
}

function faultsIn(value: object, { attributes, constraints }: Shape, schema: Schema, at: string): string[] {
  const given = value as Record<string, unknown>;
  const faults = Object.entries(attributes)
    .filter(([name, { requirement }]) => requirement === 'required' && given[name] === undefined)
    .map(([name]) => `${at}${name} is required`);
  const { at_least_one: some } = constraints;
  if (some && !some.some((name) => given[name] !== undefined))
    faults.push(`${at} needs one of ${some.join(', ')}`);
  for (const [name, member] of Object.entries(given)) {
    const attribute = attributes[name];
    if (!attribute) faults.push(`${at}${name} is not known`);
    else if (attribute.is_array && !Array.isArray(member)) faults.push(`${at}${name} is no array`);
    else
      for (const each of attribute.is_array ? (member as unknown[]) : [member])
        faults.push(...faultsOf(each, attribute, schema, `${at}${name}`));
  }
  return faults;
}

function faultsOf(value: unknown, { type, enum: allowed }: Attribute, schema: Schema, at: string): string[] {
  if (allowed && !DERIVED.includes(`.${at}`) && !allowed.includes(String(value)))
    return [`${at} is ${String(value)}`];
  if (type === 'object') return typeof value === 'object' && value !== null ? [] : [`${at} is no object`];
  const known = schema.types[type];
  if (!known) {
    const shape = schema.objects[type];
    if (!shape) return [`${at} is of ${type}, which the test data does not have`];
    return typeof value === 'object' && value !== null
      ? faultsIn(value, shape, schema, `${at}.`)
      : [`${at} is no object`];
  }
  const { type: base = type, regex, max_len: most } = known;
  if (base === 'json_t') return [];
  if (base === 'string_t') {
    if (typeof value !== 'string') return [`${at} is no string`];
    if (most !== undefined && value.length > most) return [`${at} is too long`];
    return regex !== undefined && !new RegExp(regex).test(value) ? [`${at} is ${value}`] : [];
  }
  if (base === 'boolean_t') return typeof value === 'boolean' ? [] : [`${at} is no boolean`];
  if (base === 'float_t') return typeof value === 'number' ? [] : [`${at} is no number`];
  return Number.isSafeInteger(value) ? [] : [`${at} is no integer`];
}
