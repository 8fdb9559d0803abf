import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../../bin/examples';
import { COMMAND_USAGE, type CommandName } from '../../bin/usage';
import { VERSION } from '../../lib/version';
import { temporaryFolder } from '../support/temporary';
import { compiledPath } from '../support/compiled-path';
import { type Ended, runHere, runProgram, startProgram, vector, vectorKey } from './program';

const FULL = vector('evidence/full.jsonl');

describe('when it is asked about itself', () => {
  it('prints its usage and its version', async () => {
    const help = await runProgram(['--help']);
    const version = await runProgram(['--version']);

    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('Usage: audit-ledger <command>');
    expect(version).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
  });

  it.each(Object.keys(EXAMPLES) as CommandName[])('prints the usage of %s, with calls', async (name) => {
    const { code, out } = await runHere([name, '--help']);

    expect(code).toBe(0);
    expect(out).toContain(`Usage: audit-ledger ${name}`);
    expect(out).toMatch(/\nExamples?:\n {2}\S/);
    expect(out.split('\n').filter((line) => line.length > 120)).toEqual([]);
    expect(await runHere(['help', name])).toMatchObject({ code: 0, out });
  });

  it.each(Object.entries(EXAMPLES))('shows calls of %s with options that it has', (name, calls) => {
    const known = new Set(COMMAND_USAGE[name as CommandName].match(/--[a-z-]+/g));
    for (const call of calls) {
      expect(call).toContain(`audit-ledger ${name}`);
      expect((call.match(/--[a-z-]+/g) ?? []).filter((option) => !known.has(option))).toEqual([]);
    }
  });

  it('takes help for a command as well', async () => {
    expect((await runHere(['help'])).out).toContain('Usage: audit-ledger <command>');
    expect(await runHere(['help', 'verfiy'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('is no command'),
    });
  });
});

describe('when it is not understood', () => {
  const NO_DATABASE = { env: { AUDIT_LEDGER_URI: '' } };

  it.each([
    ['no command', [], 'no command is given'],
    ['an unknown command', ['verfiy'], '"verfiy" is no command'],
    ['a name of every object', ['constructor'], '"constructor" is no command'],
    ['an option twice', ['keygen', '--ledger', 'a', '--ledger', 'b'], '--ledger is given more than once'],
    ['no file', ['verify'], 'name a file to check'],
    ['standard input twice', ['verify', '-', '-'], 'can be read once'],
    ['a key that is none', ['verify', FULL, '--key', 'x+y'], 'is not a verifier key'],
    ['an empty key', ['verify', FULL, '--key', ''], 'is not a verifier key'],
    ['a file without a name', ['coverage'], 'no FILE is given: name what'],
    ['a baseline without a name', ['coverage', FULL, '--write-baseline'], '--baseline is missing'],
    ['a key, and any', ['verify', FULL, '--key', vectorKey(), '--allow-untrusted-key'], 'contradict'],
    [
      'a database and a file',
      ['verify', FULL, '--uri', 'mongodb://x', '--tenant', 't'],
      'is not expected here',
    ],
    ['a tenant without a database', ['verify', '--tenant', 't'], '--uri is missing'],
    ['a database without a tenant', ['verify', '--uri', 'mongodb://x'], '--tenant is missing'],
    ['an operand for role', ['role', 'x'], '"x" is not expected here'],
    ['an export of nobody', ['export', '--uri', 'mongodb://x'], '--tenant is missing'],
    [
      'a checkpoint without a key',
      ['checkpoint', '--tenant', 't', '--ledger', 'l'],
      '--signing-key is missing',
    ],
    ['a key of no ledger', ['keygen'], '--ledger is missing'],
    ['control characters', ['\u001b[2J'], '"\\u001b[2J" is no command'],
  ])('says so of %s, with the usage, on standard error', async (_, args, said) => {
    assertRefused(await runHere(args, NO_DATABASE), said);
  });

  // Where Node.js itself refuses them, by errors that are none of Jest's.
  it.each([
    ['an unknown option', ['verify', FULL, '--keys', 'x'], "Unknown option '--keys'"],
    ['an option without its value', ['verify', FULL, '--key'], "'--key"],
  ])('says so of %s, with the usage, on standard error', async (_, args, said) => {
    assertRefused(await runProgram(args, NO_DATABASE), said);
  });

  function assertRefused({ code, out, err }: Ended, said: string): void {
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err).toContain('Usage: audit-ledger');
    expect(err).not.toContain('..\n');
  }

  it('says what to do about what the operating system refuses', async () => {
    const { code, err } = await runProgram(['verify', join(temporaryFolder(), 'none.csv')]);
    expect(code).toBe(2);
    expect(err).toMatch(/none\.csv: could not be checked: ENOENT: .*: compare the name/);
    const config = join(temporaryFolder(), 'actions.ts');
    expect((await runHere(['actions', '--config', config])).err).toContain('not TypeScript');
    expect((await runHere(['stream', '--config', config], NO_DATABASE)).err).toContain('cannot be loaded');
  });
});

describe('when who reads its output goes away', () => {
  it('ends quietly, and not as if it had been read', async () => {
    const program = startProgram([
      'verify',
      ...Array<string>(2000).fill(FULL),
      '--json',
      '--key',
      vectorKey(),
    ]);
    program.stdout!.once('data', () => program.stdout!.destroy());
    let said = '';
    program.stderr!.on('data', (chunk) => (said += String(chunk)));
    const [code] = await once(program, 'close');

    expect({ code, said }).toEqual({ code: 2, said: '' });
  });
});

describe('when it is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends with the status of %s', async (signal, status) => {
    const program = startProgram(['verify', FULL, '-', '--json', '--key', vectorKey()]);
    await once(program.stdout!, 'data'); // it waits for standard input now
    program.kill(signal);

    expect(await once(program, 'close')).toEqual([status, null]);
  });
});

describe('when something in it breaks', () => {
  const spoilt = (statement: string) => {
    const path = join(temporaryFolder(), 'spoil.cjs');
    const verifier = JSON.stringify(compiledPath('lib/evidence/check/node.ts'));
    writeFileSync(path, `const verifier = ${verifier}; ${statement}`);
    return { env: { NODE_OPTIONS: `--require ${path}` } };
  };

  it('does not end as if it had a verdict', async () => {
    const thrown = await runProgram(
      ['verify', FULL],
      spoilt(`setImmediate(() => { throw new Error('bug'); });`),
    );
    const hung = await runProgram(
      ['verify', FULL],
      spoilt(
        `require.cache[verifier] = { loaded: true, exports: { verifyEvidence: () => new Promise(() => {}) } };`,
      ),
    );

    expect(thrown).toMatchObject({ code: 2, err: 'audit-ledger: bug\n' });
    expect(hung).toEqual({ code: 2, out: '', err: '' });
  });
});
