#!/usr/bin/env node
// A stand-in for the mongod binary, in the form in which mongodb-memory-server takes one: an executable file.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

if (process.argv.includes('--version')) {
  console.log('db version v7.0.0');
} else {
  const isCompiled = existsSync(new URL('mongod.js', import.meta.url));
  if (!isCompiled) (await import('tsx/cjs/api')).register();
  const { main } = createRequire(import.meta.url)(isCompiled ? './mongod.js' : './mongod.ts');
  await main(process.argv.slice(2));
}
