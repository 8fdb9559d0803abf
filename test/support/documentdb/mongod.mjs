#!/usr/bin/env node
// A stand-in for the mongod binary, in the form in which mongodb-memory-server takes one: an executable file.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

if (process.argv.includes('--version')) {
  console.log('db version v7.0.0');
} else {
  // The installation has a bubblewrap of its own, for machines that have none.
  const root = process.argv[process.argv.indexOf('--documentdb') + 1];
  process.env.PATH = [process.env.PATH, join(root, 'bin')].join(delimiter);
  const isCompiled = existsSync(new URL('mongod.js', import.meta.url));
  if (!isCompiled) (await import('tsx/cjs/api')).register();
  const { main } = createRequire(import.meta.url)(isCompiled ? './mongod.js' : './mongod.ts');
  await main(process.argv.slice(2));
}
