import { isIP } from 'node:net';
import ecs from '../../vectors/ecs/9.4.0.json';

type Field = { type: string; array?: true };
const FIELDS = ecs.fields as unknown as Record<string, Field>;
const ALLOWED = ecs.allowed as unknown as Record<string, Record<string, string[] | null>>;

/** Members that are the package's own: no field set of the schema has their names. */
const OWN = ['audit'];

/** All that is wrong with a document by the published fields. */
export function ecsFaults(document: Record<string, unknown>): string[] {
  const faults: string[] = [];
  for (const [name, value] of flat(document)) {
    const field = FIELDS[name];
    if (!field) {
      if (!OWN.includes(name.split('.')[0]!)) faults.push(`${name} is not known`);
      continue;
    }
    if (field.array !== Array.isArray(value) && (field.array ?? false) !== Array.isArray(value))
      faults.push(`${name} is ${Array.isArray(value) ? 'an' : 'no'} array`);
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!fits(each, field.type)) faults.push(`${name} is ${String(each)}`);
      const allowed = ALLOWED[name];
      if (allowed && !(String(each) in allowed)) faults.push(`${name} may not be ${String(each)}`);
    }
  }
  const { category, type } = document['event'] as { category: string[]; type: string[] };
  for (const each of category)
    for (const one of type)
      if (!ALLOWED['event.category']![each]?.includes(one)) faults.push(`${one} is not expected of ${each}`);
  return faults;
}

function* flat(value: object, at = ''): Generator<[string, unknown]> {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null && !Array.isArray(member))
      yield* flat(member as object, `${at}${name}.`);
    else yield [`${at}${name}`, member];
  }
}

function fits(value: unknown, type: string): boolean {
  switch (type) {
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'long':
    case 'integer':
      return Number.isSafeInteger(value);
    case 'ip':
      return typeof value === 'string' && isIP(value) > 0;
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return typeof value === 'string';
  }
}
