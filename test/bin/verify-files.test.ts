import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { checkpointOrigin } from '../../lib/notes/checkpoint';
import { formatVerifierKey } from '../../lib/notes/note';
import { SigningKey } from '../../lib/checkpoints/signing-key';
import { hostileFiles } from '../support/hostile-evidence';
import { temporaryFolder } from '../support/temporary';
import { largeEvidence } from './large-evidence';
import { compiledPath } from '../support/compiled-path';
import { programPath, runHere, runProgram, vector, vectorKey } from './program';

const KEY = vectorKey();
const FULL = vector('evidence/full.jsonl');
const UNSIGNED = vector('evidence/unsigned.jsonl');

const signed = readdirSync(vector('evidence')).filter((name) => !name.startsWith('unsigned'));
const bad = readdirSync(vector('evidence-bad'));

/** A file in a folder that is gone after the test. */
function fileWith(content: string | Buffer, name = 'file'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

const fileParts = (name: string): Iterable<string> => hostileFiles()[name]?.() ?? [];

/** The checkpoint in an evidence file. */
function noteOf(path: string): string {
  const last = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)!;
  return (JSON.parse(last) as { note: string }).note;
}

/** What `--json` prints of a file that was read. */
interface Document {
  file: string;
  exitCode: number;
  report: EvidenceReport;
}

async function json(args: string[], run = runHere): Promise<{ code: number | null; documents: Document[] }> {
  const { code, out } = await run(['verify', '--json', ...args]);
  const lines = out.split('\n').slice(0, -1);
  return { code, documents: lines.map((line) => JSON.parse(line) as Document) };
}

describe('when a file is intact', () => {
  it('ends with 0 under the key that signed it, whatever the format', async () => {
    const { code, documents } = await json(
      [...signed.map((name) => vector(`evidence/${name}`)), '--key', KEY],
      runProgram,
    );

    expect(code).toBe(0);
    expect(documents.map(({ report }) => [report.verdict, report.anchor])).toEqual(
      signed.map(() => ['intact', 'signed']),
    );
  });

  it('says the verdict first, then what is proven and what is not', async () => {
    const { code, out, err } = await runProgram(['verify', FULL, '--key', KEY]);
    const [verdict, subject] = out.split('\n');

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(verdict).toBe(`${FULL}: intact, and signed by a key that was given.`);
    expect(subject).toContain('tenant "org_acme" of ledger "audit.example.com"');
    expect(out.indexOf('\nProven:\n')).toBeGreaterThan(0);
    expect(out.indexOf('\nNot proven:\n')).toBeGreaterThan(out.indexOf('\nProven:\n'));
    expect(out).not.toContain('Problems');
  });

  it.each([
    ['full', '19 of 20 entries, and the record of this export; no filter'],
    [
      'filtered',
      '3 of 20 entries match, and the record of this export; filter: action "auth.*", outcome "denied"',
    ],
    ['none', '0 of 20 entries match, and the record of this export; filter: actor "nobody"'],
    [
      'range',
      '7 of 20 entries match, 2 neighbours of the dates, and the record of this export; filter: from',
    ],
    ['since', '5 of 20 entries match, 1 neighbour of the dates, and the record of this export; filter: from'],
    [
      'nothing',
      '0 of 20 entries match, 2 neighbours of the dates, and the record of this export; filter: from',
    ],
  ])('counts the record of the export apart from what matches: %s', async (name, line) => {
    const { out } = await runHere(['verify', vector(`evidence/${name}.jsonl`), '--key', KEY]);
    expect(out).toContain(`\n  ${line}`);
  });

  it('says of dates alone that the export is complete', async () => {
    const { out } = await runHere(['verify', vector('evidence/range.csv'), '--key', KEY]);
    expect(out).toContain(
      '- The export is complete: all entries of its dates that were recorded before it are in the file, entries 6 to 12;',
    );
  });

  it('prints no text of the file at any length', async () => {
    const text = [...fileParts('a long ledger that is right')].join('');
    const { code, out } = await runHere(['verify', fileWith(text), '--allow-untrusted-key']);
    expect(code).toBe(0);
    expect(out).toContain('of ledger "llll');
    expect(out.length).toBeLessThan(4_000);
    const machines = await runHere(['verify', '--json', fileWith(text), '--allow-untrusted-key']);
    expect(machines.out.length).toBeLessThan(10_000);
  });

  it('prints no more keys than a note can have signatures, nor all of a long one', async () => {
    for (const name of ['a key of plus signs', 'many keys']) {
      const { code, documents } = await json([fileWith([...fileParts(name)].join(''))]);
      expect(code).toBe(1);
      expect(JSON.stringify(documents).length).toBeLessThan(20_000);
    }
  });

  it('ends with 2 without a key: its own proves nothing', async () => {
    const { code, out } = await runHere(['verify', FULL]);

    expect(code).toBe(2);
    expect(out).toContain('COULD NOT BE CHECKED: it is intact in itself');
    expect(out).toContain(KEY);
  });

  it('ends with 0 without a key where that is allowed', async () => {
    const { code, documents } = await json([FULL, UNSIGNED, '--allow-untrusted-key']);

    expect(code).toBe(0);
    expect(documents.map(({ report }) => report.anchor)).toEqual(['self-signed', 'unsigned']);
  });

  it('ends with 2 when nobody signed it', async () => {
    expect((await runHere(['verify', UNSIGNED])).code).toBe(2);
  });

  it('reads standard input', async () => {
    const { code, out } = await runProgram(['verify', '-', '--key', KEY], { input: readFileSync(FULL) });

    expect(code).toBe(0);
    expect(out).toMatch(/^-: intact/);
  });
});

describe('when a file is not intact', () => {
  it('ends with 1, and names the problems', async () => {
    const { code, out } = await runProgram([
      'verify',
      vector('evidence-bad/entry-edited.jsonl'),
      '--key',
      KEY,
    ]);

    expect(code).toBe(1);
    expect(out.split('\n')[0]).toMatch(/NOT INTACT\.$/);
    expect(out).toContain('\nProblems:\n  - ');
  });

  it('ends with 1, whatever was done to it', async () => {
    const paths = bad.map((name) => vector(`evidence-bad/${name}`));
    const { code, documents } = await json([...paths, '--key', KEY], runProgram);

    expect(code).toBe(1);
    expect(documents.map(({ file, exitCode }) => [file, exitCode])).toEqual(paths.map((path) => [path, 1]));
    expect(documents.filter(({ report }) => report.problemCount === 0)).toEqual([]);
  });

  it('ends with 1 when others signed it', async () => {
    const other = SigningKey.from(generateKeyPairSync('ed25519').privateKey)!;
    const key = formatVerifierKey(other.verifierKey(checkpointOrigin('audit.example.com', 'org_acme')));

    expect((await runHere(['verify', FULL, '--key', key])).code).toBe(1);
  });
});

describe('when a file cannot be checked', () => {
  const [first = ''] = readFileSync(FULL, 'utf8').split('\n');
  it.each([
    ['is empty', ''],
    ['is something else', 'hello\nworld\n'],
    ['is an export without proof', '{"action":"a.b","actor":"u"}\n'],
    ['is of a later version', `${first.replace('/v1', '/v2')}\n`],
  ])('ends with 2: it %s', async (_, content) => {
    const { code, out } = await runHere(['verify', fileWith(content), '--key', KEY]);

    expect(code).toBe(2);
    expect(out).toContain('COULD NOT BE CHECKED');
  });

  it('says first what is right when a checkpoint cannot be compared', async () => {
    const checkpoint = fileWith(noteOf(vector('evidence/since-and-later.jsonl')));
    const { code, out } = await runHere(['verify', FULL, '--key', KEY, '--checkpoint', checkpoint]);

    expect(code).toBe(2);
    expect(out).toContain(
      ': intact, and signed by a key that was given. It COULD NOT BE CHECKED against the checkpoint that was given as well.',
    );
    expect(out).toContain('Ask for a newer export');
  });

  it('ends with 2 when it is not there, or a folder', async () => {
    const missing = await runProgram(['verify', '/nonexistent/file', '--key', KEY]);
    const folder = await runHere(['verify', vector('evidence'), '--key', KEY]);

    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toContain('could not be checked: ENOENT');
    expect(folder).toMatchObject({ code: 2, out: '' });
    expect(folder.err).toContain('it is a folder');
  });
});

describe('when there are several files', () => {
  const broken = vector('evidence-bad/entry-edited.jsonl');
  it.each([
    [[FULL, broken, '/nonexistent'], 1],
    [[FULL, '/nonexistent'], 2],
    [[FULL, FULL], 0],
  ])('the worst counts: %#', async (files, worst) => {
    const { code, documents } = await json([...files, '--key', KEY]);

    expect(code).toBe(worst);
    expect(documents.map(({ file }) => file)).toEqual(files);
  });

  it('each has a document of its own, of one shape', async () => {
    const { documents } = await json([FULL, '/nonexistent', '--key', KEY]);

    expect(documents).toEqual([
      {
        file: FULL,
        exitCode: 0,
        error: null,
        report: expect.objectContaining({ verdict: 'intact', size: 20 }),
      },
      { file: '/nonexistent', exitCode: 2, error: expect.stringContaining('ENOENT'), report: null },
    ]);
  });
});

describe('when a checkpoint is given', () => {
  it('ends with 0 without a key when it covers the file', async () => {
    const { code, documents } = await json([FULL, '--checkpoint', fileWith(noteOf(FULL))]);

    expect(code).toBe(0);
    expect(documents[0]!.report).toMatchObject({ anchor: 'pinned', anchoredSize: 20 });
  });

  it('holds an unsigned file in place', async () => {
    expect((await json([UNSIGNED, '--checkpoint', fileWith(noteOf(UNSIGNED))])).code).toBe(0);
  });

  it('finds the one of the file among many', async () => {
    const other = 'audit.example.com/other\n99\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
    const newer = noteOf(UNSIGNED).replace('\n20\n', '\n21\n');
    const lines = [noteOf(FULL), newer, other].map((note) => JSON.stringify(note));
    const log = fileWith(`torn\n${lines.join('\n')}\n"half`);
    const formats = ['jsonl', 'json', 'csv'].map((format) => vector(`evidence/full.${format}`));
    const { code, documents } = await json([...formats, '--checkpoint', log]);

    expect(code).toBe(0);
    expect(documents.map(({ report }) => report.pin?.result)).toEqual(['matches', 'matches', 'matches']);
  });

  it('ends with 1 when it states another tree', async () => {
    const bent = noteOf(UNSIGNED).replace(/\n[^\n]+\n$/, '\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n');
    const { code, documents } = await json([UNSIGNED, '--checkpoint', fileWith(bent)]);

    expect(code).toBe(1);
    expect(documents[0]!.report.problems[0]!.kind).toBe('rewritten');
  });

  it('ends with 2 when none of many is of the file', async () => {
    const other = 'audit.example.com/other\n9\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
    const log = fileWith(`${JSON.stringify(other)}\n`);
    const { code, out } = await runHere(['verify', FULL, '--key', KEY, '--checkpoint', log]);

    expect(code).toBe(2);
    expect(out).toContain('holds no checkpoint of audit.example.com/org_acme');
  });

  it('ends with 2 when it is none', async () => {
    const { code, err } = await runHere(['verify', FULL, '--checkpoint', fileWith('no note')]);

    expect(code).toBe(2);
    expect(err).toContain('holds no checkpoint');
  });
});

describe('when a file is hostile', () => {
  const HOSTILE = '\u001b]0;owned\u0007\u009b2J\u202eevil\u2066\u200b\u2028\r\nforged: intact';

  const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
  const [first = '', ...rest] = readFileSync(UNSIGNED, 'utf8').split('\n');
  const manifest = JSON.parse(first) as object;
  const bent = (change: object) => [JSON.stringify({ ...manifest, ...change }), ...rest].join('\n');

  it.each([
    ['its tenant', { tenantId: HOSTILE }],
    ['its filter', { filter: { actor: HOSTILE } }],
    ['its ledger', { ledger: HOSTILE }],
    ['its format', { format: HOSTILE }],
  ])('shows %s with nothing that a terminal obeys', async (_, change) => {
    const path = fileWith(bent(change));
    const { code, out, err } = await runHere(['verify', path]);
    const machine = await runHere(['verify', path, '--json']);

    expect(code).not.toBe(0);
    expect(out + err + machine.out).not.toMatch(OBEYED);
    expect(out).not.toMatch(/^forged/m);
    expect(machine.out.split('\n')).toHaveLength(2);
  });

  it('shows the name of the file so, too', async () => {
    const path = fileWith(readFileSync(FULL), '\u001b[31m\u202egpj.jsonl');
    const { out } = await runHere(['verify', path, '--key', KEY]);

    expect(out).not.toMatch(OBEYED);
    expect(out).toContain('\\u001b[31m\\u202egpj.jsonl: intact');
  });
});

describe('without a database', () => {
  it('loads nothing that speaks to one', async () => {
    const trace = fileWith(
      `process.on('exit', () => require('node:fs').writeSync(2, JSON.stringify(Object.keys(require.cache))));`,
      'trace.cjs',
    );
    const env = { NODE_OPTIONS: `--require ${trace}` };
    const { code, err } = await runProgram(['verify', FULL, '--key', KEY], { env });
    const loaded = JSON.parse(err) as string[];

    expect(code).toBe(0);
    expect(loaded).toContain(compiledPath('lib/evidence/check/node.ts'));
    expect(loaded.filter((path) => /node_modules\/(mongo|bson|express)|\/models\//.test(path))).toEqual([]);
  });
});

describe('when a file is large', () => {
  const MIB = 1024 * 1024;

  it('says how far it is on a terminal, and nothing elsewhere', async () => {
    const { text, key } = largeEvidence(8 * MIB);
    const path = fileWith(text, 'large.jsonl');
    const command = `'${process.execPath}' '${programPath()}' verify '${path}' --key '${key}'`;
    const shown = execFileSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
    const { code, err } = await runProgram(['verify', path, '--key', key]);

    expect(shown).toMatch(/\r\u001b\[K.*\d+\.\d MiB of 8\.\d MiB, \d+ %, \d+\.\d MiB\/s/);
    expect(shown).toContain(`${basename(path)}: intact`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
