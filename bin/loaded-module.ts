import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describeReason, InputError } from './failure';

/**
 * A module of the application.
 * @throws InputError when it cannot be loaded
 */
export function loadModule(file: string): unknown {
  try {
    return createRequire(resolve(file))(resolve(file));
  } catch (error) {
    throw new InputError(
      `${file} cannot be loaded: ${describeReason(error)}. Give a module that Node.js runs as it is: JavaScript, not TypeScript.`,
    );
  }
}

/** What it exports under a name; undefined where it has no such export. */
export function exportOf(file: string, name: string): unknown {
  return (loadModule(file) as Record<string, unknown> | null | undefined)?.[name];
}
