import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describeReason, InputError } from './failure';

/**
 * What a module of the application exports under a name; undefined where it has no such export.
 * @throws InputError when it cannot be loaded
 */
export function exportOf(file: string, name: string): unknown {
  try {
    return (createRequire(resolve('audit-ledger.js'))(resolve(file)) as Record<string, unknown>)[name];
  } catch (error) {
    throw new InputError(
      `${file} cannot be loaded: ${describeReason(error)}. Give a module that Node.js runs as it is: JavaScript, not TypeScript.`,
    );
  }
}
