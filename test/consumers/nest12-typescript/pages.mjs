// The code of the pages, as it is in the package, is compiled with the rest.
import { readFileSync, writeFileSync } from 'node:fs';

for (const page of ['nest', 'hono']) {
  const text = readFileSync(`node_modules/express-audit-ledger/docs/frameworks/${page}.md`, 'utf8');
  const blocks = [...text.matchAll(/^```mts\n(.*?)^```/gms)].map(([, code]) => code);
  if (blocks.length === 0) throw new Error(`There is no code in ${page}.md`);
  blocks.forEach((code, i) => writeFileSync(`page-${page}-${i}.ts`, code));
}
