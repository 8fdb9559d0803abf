'use strict';
// Writes the samples of the guide, as the package has them, into files that Jest, Vitest and node:test run.
const assert = require('node:assert/strict');
const { readFileSync, writeFileSync } = require('node:fs');
const ts = require('typescript');

require('express-audit-ledger/testing');
const peers = Object.keys(require.cache).filter((path) => /node_modules.(express|mongoose)[\\/]/.test(path));
assert.deepEqual(peers, [], 'the ledger in memory loads neither Express nor Mongoose');

const guide = readFileSync('node_modules/express-audit-ledger/docs/guides/testing.md', 'utf8');
const blocks = [...guide.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);

function write(file, text, module, before = '') {
  const code = blocks.find((block) => block.includes(text));
  assert.ok(code, `the guide has no sample with ${text}`);
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module, esModuleInterop: true };
  writeFileSync(file, ts.transpileModule(before + code, { compilerOptions }).outputText);
}

const { CommonJS, ES2022 } = ts.ModuleKind;
write('app.js', 'function createApp', CommonJS);
write('app.mjs', 'function createApp', ES2022);
write('jest.test.js', "from '@jest/globals'", CommonJS, "import { createApp } from './app';\n");
write('vitest.test.mjs', "from 'vitest'", ES2022, "import { createApp } from './app.mjs';\n");
write('node.test.mjs', "from 'node:test'", ES2022, "import { createApp } from './app.mjs';\n");
