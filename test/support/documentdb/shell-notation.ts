import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';

/** A document in the notation in which `mongod` writes values into its messages: `{ tenantId: "x", seq: 1 }`. */
export function inShellNotation(document: Document): string {
  const fields = Object.entries(document).map(([name, value]) => `${name}: ${valueInShellNotation(value)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function valueInShellNotation(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return `${value as number | boolean | bigint}`;
  if (Array.isArray(value)) return `[ ${value.map(valueInShellNotation).join(', ')} ]`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  return bsonTypeInShellNotation(value) ?? inShellNotation(value);
}

function bsonTypeInShellNotation(value: object): string | undefined {
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`; // which is a Long, too
  if (value instanceof Int32 || value instanceof Long || value instanceof Decimal128) return value.toString();
  if (value instanceof Double)
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Binary) return binaryInShellNotation(value);
  if (value instanceof BSONSymbol) return JSON.stringify(value.value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof MinKey) return 'MinKey';
  return value instanceof MaxKey ? 'MaxKey' : undefined;
}

function binaryInShellNotation(binary: Binary): string {
  if (binary.sub_type === Binary.SUBTYPE_UUID) return `UUID("${binary.toUUID().toHexString()}")`;
  return `BinData(${binary.sub_type}, ${binary.toString('hex').toUpperCase()})`;
}
