#!/usr/bin/env node
// A stand-in for the mongod binary, in the form in which mongodb-memory-server takes one: an executable file.
import { register } from 'tsx/cjs/api';
import { createRequire } from 'node:module';

if (process.argv.includes('--version')) {
  console.log('db version v7.0.0');
} else {
  register();
  await createRequire(import.meta.url)('./mongod.ts').main(process.argv.slice(2));
}
