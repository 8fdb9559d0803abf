/** Anything that prints as an identifier: a string, a number, a MongoDB ObjectId. */
export type Identifier = string | number | bigint | { toHexString(): string };

/** The text of an identifier; any other value as it is, also one that throws when it is read. */
export function identifierText(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  return typeof value === 'object' && value !== null ? (hexText(value) ?? value) : value;
}

function hexText(object: object): string | undefined {
  try {
    const text: unknown = (object as { toHexString?(): unknown }).toHexString?.();
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined; // a proxy, or no method
  }
}
