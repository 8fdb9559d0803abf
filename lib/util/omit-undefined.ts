/** The members of `object` whose value is not `undefined`. */
export function omitUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const name of Object.keys(object) as (keyof T)[]) {
    const value = object[name];
    if (value !== undefined) result[name] = value as Exclude<T[typeof name], undefined>;
  }
  return result;
}
