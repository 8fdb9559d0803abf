import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { checkpointOrigin } from '../lib/notes/checkpoint';
import { formatVerifierKey } from '../lib/notes/note';
import { parseOptions } from '../lib/options';
import type { SigningKey } from '../lib/checkpoints/signing-key';
import { assertNoOperands, readArguments, required } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { exitCodeFor, InputError, describeReason, UsageError } from './failure';
import { readSigningKey } from './key-files';
import { note, print } from './out';

const OPTIONS = {
  ledger: { type: 'string' },
  tenant: { type: 'string', multiple: true },
  out: { type: 'string' },
  'signing-key': { type: 'string' },
} as const;

/** `audit-ledger keygen`: makes a signing key, or prints the verifier keys of one. */
export function keygen(args: string[]): Outcome {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const ledger = required('ledger', values.ledger);
  const { tenant: tenants = [], out } = values;
  assertTenants(tenants);
  const existing = values['signing-key'];
  if (existing !== undefined) {
    if (out !== undefined) throw new UsageError('--signing-key names a key that is there: leave out --out');
    required('tenant', tenants[0]);
    print(...verifierKeys(readSigningKey(existing), ledger, tenants));
    return EXIT.ok;
  }
  const pem = newKey();
  const keys = verifierKeys(pem, ledger, tenants);
  keep(pem, out);
  tell(keys, { out, ledger });
  return EXIT.ok;
}

function assertTenants(tenants: readonly string[]): void {
  if (tenants.some((tenant) => tenant === '' || tenant.length > 256))
    throw new UsageError('--tenant must have 1 to 256 characters');
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** A key's name is part of it: each tenant's is another, over the same private key. */
function verifierKeys(pem: string, ledger: string, tenants: readonly string[]): string[] {
  const { key } = parseOptions({ ledger, signingKey: pem });
  return tenants.map((tenant) =>
    formatVerifierKey((key as SigningKey).verifierKey(checkpointOrigin(ledger, tenant))),
  );
}

function keep(pem: string, out: string | undefined): void {
  if (out === undefined) {
    process.stdout.write(pem);
    return;
  }
  try {
    writeFileSync(out, pem, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const taken = `${out} is there already, and a signing key is never overwritten: name another file.`;
    throw new InputError(
      exitCodeFor(error) === 'EEXIST' ? taken : `The key cannot be kept: ${describeReason(error)}.`,
    );
  }
}

/** Verifier keys go to standard output unless the private key is there. */
function tell(keys: readonly string[], { out, ledger }: { out: string | undefined; ledger: string }): void {
  const say = out === undefined ? note : print;
  if (out !== undefined) note(`The private key is in ${out}. Who has it can sign for the ledger.`);
  say(...keys);
  if (keys.length > 0) {
    note('Give these verifier keys to those who verify, by a way that does not pass through the ledger.');
    return;
  }
  note(
    'Each tenant has a verifier key of its own. To print one:',
    `  audit-ledger keygen --signing-key ${out ?? 'FILE'} --ledger ${ledger} --tenant TENANT`,
  );
}
