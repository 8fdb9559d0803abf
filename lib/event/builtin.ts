/**
 * What a value is by its internal slots, of whatever realm it comes from: `instanceof` and the tag are only hints, which
 * a method of the type confirms. Plain objects and arrays, nearly all there are, are told at once.
 */
export type Builtin = 'date' | 'map' | 'set' | 'error' | 'boxed' | 'buffer' | 'regexp';

type Slot = (object: object) => unknown;

const slotOf = (prototype: object, method: string): Slot => {
  const read = (prototype as Record<string, (this: object, ...args: unknown[]) => unknown>)[method] as Slot;
  return (object) => read.call(object, object);
};

/** Reads a getter of the type's with the object as its receiver. */
const getterOf = (prototype: object, name: string): Slot => {
  return (object) => Reflect.get(prototype, name, object) as unknown;
};

const CONFIRM: Record<string, { builtin: Builtin; slot: Slot }> = {
  Date: { builtin: 'date', slot: slotOf(Date.prototype, 'getTime') },
  Map: { builtin: 'map', slot: slotOf(Map.prototype, 'has') },
  Set: { builtin: 'set', slot: slotOf(Set.prototype, 'has') },
  Number: { builtin: 'boxed', slot: slotOf(Number.prototype, 'valueOf') },
  String: { builtin: 'boxed', slot: slotOf(String.prototype, 'valueOf') },
  Boolean: { builtin: 'boxed', slot: slotOf(Boolean.prototype, 'valueOf') },
  BigInt: { builtin: 'boxed', slot: slotOf(BigInt.prototype, 'valueOf') },
  Symbol: { builtin: 'boxed', slot: slotOf(Symbol.prototype, 'valueOf') },
  RegExp: { builtin: 'regexp', slot: getterOf(RegExp.prototype, 'hasIndices') },
  ArrayBuffer: { builtin: 'buffer', slot: getterOf(ArrayBuffer.prototype, 'byteLength') },
  ...(typeof SharedArrayBuffer === 'function' && {
    SharedArrayBuffer: {
      builtin: 'buffer',
      slot: getterOf(SharedArrayBuffer.prototype as object, 'byteLength'),
    },
  }),
};

/** Which of the language's own objects this is; null for any other. */
export function builtinOf(object: object): Builtin | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return null;
  const tag = tagOf(object);
  const tagged = Object.hasOwn(CONFIRM, tag) ? CONFIRM[tag] : undefined;
  if (tagged && has(tagged.slot, object)) return tagged.builtin;
  // A tag of its own is anybody's word; without one, an error has its tag from its slot.
  const isTagged = Symbol.toStringTag in object;
  if (object instanceof Error || (tag === 'Error' && !isTagged)) return 'error';
  return isTagged ? inheritedBuiltin(object) : null;
}

/** Whether a value is a `Date`, of whatever realm. */
export function isDate(value: unknown): value is Date {
  return typeof value === 'object' && value !== null && builtinOf(value) === 'date';
}

/** What an object whose tag was overridden is, by what it inherits from. */
function inheritedBuiltin(object: object): Builtin | null {
  for (const [name, { builtin, slot }] of Object.entries(CONFIRM))
    if (object instanceof (globalThis as never)[name] && has(slot, object)) return builtin;
  return null;
}

function tagOf(object: object): string {
  try {
    return Object.prototype.toString.call(object).slice('[object '.length, -1);
  } catch {
    return ''; // its own getter threw
  }
}

function has(slot: Slot, object: object): boolean {
  try {
    slot(object);
    return true;
  } catch {
    return false; // no object of that type
  }
}
