import type { Json, JsonObject } from './json';

/** Sets a member of whatever name: assignment would take `__proto__` for the prototype. */
export function setMember(json: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(json, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    json[name] = value;
  }
}
