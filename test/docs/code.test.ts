import { runCheckpoints } from './checkpoints-runs';
import { namesOf } from './code';
import { errorsIn } from './compile';
import { runFrameworks } from './frameworks-runs';
import { runGuides } from './guides-runs';
import { type Block } from './markdown';
import { PRELUDES } from './preludes';
import { runRecipes } from './recipes-runs';
import { runReference } from './reference-runs';
import { runStreams } from './streams-runs';
import { blockWith, BLOCKS, leftOver, useShop } from './running';

/** Blocks that are compiled and not run, by a text in them, and why. */
const COMPILED_ONLY: [page: string, text: string, reason: string][] = [
  ['docs/quick-start.md', 'declare global', 'types alone'],
  ['docs/checkpoints.md', '@aws-sdk/client-s3', 'needs a bucket, and a package that is not installed here'],
  [
    'docs/guides/testing.md',
    'function createApp',
    'run with the tests below, in test/consumers/test-runners',
  ],
  ['docs/guides/testing.md', '@jest/globals', 'run by Jest in test/consumers/test-runners'],
  ['docs/guides/testing.md', "from 'vitest'", 'run by Vitest in test/consumers/test-runners'],
  ['docs/guides/testing.md', 'node:test', 'run by node:test in test/consumers/test-runners'],
  [
    'docs/client.md',
    'https://audit.example.com/ingest',
    'needs a collector; test/lib/client has the same calls',
  ],
  ['docs/client.md', 'pinCheckpoint', 'the same'],
  ['docs/client.md', 'diskSpool', 'the same'],
  ['docs/reconcile.md', 'audit.reconcile', 'run in test/models/reconcile'],
  ['docs/complete.md', 'contactSchema', 'each way to write is run in test/models/changes'],
  ['docs/complete.md', "audited('org.member.invite'", 'run in test/middleware/express/coverage.test.ts'],
  ['docs/complete.md', 'auditCoverage(app)', 'the same, and on the example application'],
  ['docs/reference/router.md', 'exportsPerMinute', 'run in test/middleware/http/api/limits.test.ts'],
  ['docs/checkpoints.md', 'nodemailer', 'needs a mail server, and a package that is not installed here'],
];

describe('the TypeScript of all pages', () => {
  const WRONG: Block = {
    page: 'wrong.md',
    line: 7,
    language: 'ts',
    code: "import { createAudit } from 'express-audit-ledger';\ncreateAudit({ conection: undefined });\n",
  };

  it('compiles, and what is wrong would not', async () => {
    const errors = await errorsIn([...BLOCKS, WRONG]);
    expect(errors).toEqual([expect.stringMatching(/^wrong\.md:8: .*'conection' does not exist/)]);
  });

  it('is introduced no names that it does not use', () => {
    const unused = Object.entries(PRELUDES).map(([page, names]) => {
      const used = BLOCKS.filter((block) => block.page === page).flatMap(
        (block) => namesOf(block).introduced,
      );
      return [page, names.filter((name) => !used.includes(name))];
    });
    expect(unused.filter(([, names]) => names?.length)).toEqual([]);
  });
});

describe('the code of', () => {
  const shop = useShop();
  runGuides(shop);
  runFrameworks(shop);
  runReference(shop);
  runCheckpoints(shop);
  runStreams(shop);
  runRecipes(shop);
});

describe('every block', () => {
  it('was run above, or is compiled alone for a reason', () => {
    for (const [page, text] of COMPILED_ONLY) blockWith(page, text);
    expect(leftOver().map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});
