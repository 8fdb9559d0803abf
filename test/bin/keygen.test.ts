import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerifierKey } from '../../lib/notes/note';
import { temporaryFolder } from '../support/temporary';
import { runHere, runProgram } from './program';
import { NODE_CRYPTO } from '../../lib/crypto/node';

const LEDGER = ['--ledger', 'audit.example.com'];

const namesIn = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => parseVerifierKey(line, NODE_CRYPTO.sha256Bytes).name);

describe('when a key is made', () => {
  it('keeps it for its owner alone, and prints the verifier keys of the tenants', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    const args = ['keygen', ...LEDGER, '--tenant', 'org_acme', '--tenant', 'ö/+', '--out', path];
    const { code, out } = await runProgram(args);

    expect(code).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(createPrivateKey(readFileSync(path)).asymmetricKeyType).toBe('ed25519');
    expect(namesIn(out)).toEqual(['audit.example.com/org_acme', 'audit.example.com/%C3%B6%2F%2B']);
  });

  it('overwrites nothing', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    writeFileSync(path, 'another');
    const { code, out, err } = await runProgram(['keygen', ...LEDGER, '--out', path]);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('is there already');
    expect(readFileSync(path, 'utf8')).toBe('another');
  });

  it('prints it without --out, and nothing else there', async () => {
    const { code, out, err } = await runHere(['keygen', ...LEDGER, '--tenant', 't']);

    expect(code).toBe(0);
    expect(out).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+\n-----END PRIVATE KEY-----\n$/);
    expect(err).toContain('audit.example.com/t+');
  });

  it('says without tenants how to print their keys later', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    const { code, out, err } = await runHere(['keygen', ...LEDGER, '--out', path]);

    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain(`keygen --signing-key ${path} --ledger audit.example.com --tenant`);
  });

  it.each([
    ['a ledger that no checkpoint could name', ['--ledger', 'Audit Example']],
    ['a tenant without a name', [...LEDGER, '--tenant', '']],
  ])('makes none for %s', async (_, args) => {
    const path = join(temporaryFolder(), 'key.pem');
    const { code } = await runHere(['keygen', ...args, '--out', path]);

    expect(code).toBe(2);
    expect(existsSync(path)).toBe(false);
  });
});

describe('when there is a key', () => {
  it('prints its verifier keys', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    const made = await runHere(['keygen', ...LEDGER, '--tenant', 't', '--out', path]);
    const { code, out } = await runHere(['keygen', '--signing-key', path, ...LEDGER, '--tenant', 't']);

    expect(code).toBe(0);
    expect(out).toBe(made.out);
  });

  it('refuses what is no Ed25519 key, and quotes nothing of it', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    writeFileSync(path, 'a secret');
    const { code, err } = await runHere(['keygen', '--signing-key', path, ...LEDGER, '--tenant', 't']);

    expect(code).toBe(2);
    expect(err).toContain('is not an Ed25519 private key');
    expect(err).not.toContain('a secret');
  });

  it('names a key file that is empty', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    writeFileSync(path, '\n');
    const { code, err } = await runHere(['keygen', '--signing-key', path, ...LEDGER, '--tenant', 't']);

    expect(code).toBe(2);
    expect(err).toContain('is an empty file: give PKCS#8 PEM');
  });
});
