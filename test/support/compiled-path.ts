import { join } from 'node:path';

const FOLDER = 'AUDIT_TEST_COMPILED';

/** Lets `compiledPath` give files in this folder, in this process and in those that it starts. */
export function shareCompiled(folder: string): void {
  process.env[FOLDER] = folder;
}

/** Whether there are compiled files: Jest's globalSetup has made them. */
export function isCompiled(): boolean {
  return Boolean(process.env[FOLDER]);
}

/**
 * The compiled file of a source, named by its path from the root.
 * @throws {Error} outside of Jest
 */
export function compiledPath(source: string): string {
  const folder = process.env[FOLDER];
  if (!folder) throw new Error(`${FOLDER} is not set: Jest's globalSetup compiles the sources.`);
  return join(folder, source.replace(/\.ts$/, '.js'));
}
