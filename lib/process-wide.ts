import { VERSION } from './version';

/**
 * A name for `Symbol.for` that all copies of this version in the process share: bundlers, module formats and package managers
 * load the same code more than once.
 */
export function processName(name: string): string {
  return `express-audit-ledger.${name}@${VERSION}`;
}

/** A value that there is once in the process, for all copies of this version. */
export function processWide<Value extends object>(name: string, make: () => Value): Value {
  const holder = globalThis as Record<symbol, Value | undefined>;
  return (holder[Symbol.for(processName(name))] ??= make());
}
