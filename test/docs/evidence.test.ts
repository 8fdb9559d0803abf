import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHere } from '../bin/program';
import { temporaryFolder } from '../support/temporary';

const VECTORS = join(__dirname, '../vectors');
const PAGE = readFileSync(join(__dirname, '../../docs/evidence.md'), 'utf8');
const { keys } = JSON.parse(readFileSync(join(VECTORS, 'evidence-keys.json'), 'utf8')) as { keys: string[] };
const [KEY = ''] = keys;

/** The script that the page gives to its readers. */
const SCRIPT = /^```js\n(\/\/ node check\.mjs .*?)^```$/ms.exec(PAGE)?.[1] ?? '';

interface Run {
  code: number;
  output: string;
}

/** Runs it as a reader would: a file of its own, away from any package. */
function check(file: string, key = KEY): Promise<Run> {
  const script = join(temporaryFolder(), 'check.mjs');
  writeFileSync(script, SCRIPT);
  return new Promise((resolve) =>
    execFile(process.execPath, [script, join(VECTORS, file), key], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    ),
  );
}

/** What the page says that a command prints. */
function printed(command: string): string | undefined {
  return PAGE.split(`$ ${command}\n`)[1]?.split(/^(?:\$ |```)/m)[0];
}

describe('the script of docs/evidence.md', () => {
  it('is there, and needs nothing but Node.js', () => {
    const imports = [...SCRIPT.matchAll(/ from '(.*)'/g)].map(([, name]) => name);
    expect(imports).toEqual(['node:crypto', 'node:fs']);
  });

  it.each([
    ['full', 20],
    ['range', 10],
    ['nothing', 3],
    ['since', 7],
    ['filtered', 4],
    ['none', 1],
  ])('finds %s.jsonl intact', async (name, entries) => {
    const { code, output } = await check(`evidence/${name}.jsonl`);
    expect(output).toContain(`intact: ${entries} of 20 entries`);
    expect(output).toContain('stated by the signer');
    expect(code).toBe(0);
  });

  it.each([
    'another-ledger',
    'another-tenant',
    'checkpoint-missing',
    'duplicate-member',
    'entry-edited',
    'entry-edited-and-rehashed',
    'entry-removed',
    'entry-twice',
    'manifest-twice',
    'note-of-another-tenant-renamed',
    'older-checkpoint',
    'record-after-checkpoint',
    'signed-by-a-stranger',
    'torn-last-line',
    'tree-size-lie',
    'unknown-record',
    'upper-case-hash',
  ])('finds that %s.jsonl is not', async (name) => {
    const { code, output } = await check(`evidence-bad/${name}.jsonl`);
    expect(output).toMatch(/^NOT INTACT: /);
    expect(code).toBe(1);
  });

  it('takes no file that nobody signed', async () => {
    const { code, output } = await check('evidence/unsigned.jsonl');
    expect(output).toMatch(/^NOT INTACT: .* is not signed$/m);
    expect(code).toBe(1);
  });

  it("takes no other tenant's key", async () => {
    const { code, output } = await check('evidence/full.jsonl', KEY.replace('org_acme', 'org_other'));
    expect(output).toBe('NOT INTACT: that key has not signed it\n');
    expect(code).toBe(1);
  });

  it.each(['filter-lie', 'filter-name-edited'])(
    'says of %s.jsonl that its filter is not proven',
    async (name) => {
      const { output } = await check(`evidence-bad/${name}.jsonl`);
      expect(output).toMatch(/: NOT PROVEN$/m);
    },
  );

  it.each([
    ['full.jsonl', 'evidence'],
    ['filtered.jsonl', 'evidence'],
    ['entry-edited.jsonl', 'evidence-bad'],
    ['entry-edited-and-rehashed.jsonl', 'evidence-bad'],
  ])('prints for %s what the page says', async (name, folder) => {
    const { output } = await check(`${folder}/${name}`);
    expect(printed(`node check.mjs ${name} "$KEY"`)).toBe(output);
  });
});

it('shows the report that the command prints', async () => {
  const [, report = ''] = /### What the report says\n\n```\n(.*?)```/s.exec(PAGE) ?? [];
  const file = join(VECTORS, 'evidence/filtered.jsonl');
  const { out } = await runHere(['verify', file, '--key', KEY]);
  expect(out.replace(file, 'filtered.jsonl')).toBe(report);
});

describe('the commands of docs/evidence.md', () => {
  it('use the key of the vectors', () => {
    expect(PAGE).toContain(`$ KEY='${KEY}'`);
  });
});
