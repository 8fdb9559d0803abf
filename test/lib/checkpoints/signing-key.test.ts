import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { isSignedBy, parseNote, parseVerifierKey } from '../../../lib/notes/note';
import { SigningKey } from '../../../lib/checkpoints/signing-key';
import { newKey, pemOf } from '../../support/signing';
import { sha256Bytes, verifyEd25519 } from '../../../lib/crypto/node';

const NAME = 'audit.example.com/t';

describe('a signing key', () => {
  it('signs notes that its verifier key verifies, given as a key or as PEM', () => {
    const key = newKey();
    const notes = [key, pemOf(key)].map((given) => SigningKey.from(given)!.sign('text\n', NAME));
    expect(notes[0]).toEqual(notes[1]); // Ed25519 is deterministic
    const { note, key: vkey } = notes[0]!;
    const { text, signatures } = parseNote(note);
    expect(isSignedBy(text, signatures[0]!, parseVerifierKey(vkey, sha256Bytes), verifyEd25519)).toBe(true);
    expect(isSignedBy('other\n', signatures[0]!, parseVerifierKey(vkey, sha256Bytes), verifyEd25519)).toBe(
      false,
    );
  });

  it.each<[string, (pem: string, der: Buffer) => string]>([
    ['with \\n for its line breaks', (pem) => pem.replaceAll('\n', '\\n')],
    ['with \\r\\n for them', (pem) => pem.replaceAll('\n', '\\r\\n')],
    ['with CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
    ['in one line, with blanks', (pem) => pem.replaceAll('\n', ' ')],
    ['in one line, with nothing', (pem) => pem.replaceAll('\n', '')],
    ['in quotes', (pem) => `"${pem.trim().replaceAll('\n', '\\n')}"`],
    ['in base64', (pem) => Buffer.from(pem).toString('base64')],
    [
      'in base64 of the shell, in lines',
      (pem) => Buffer.from(pem).toString('base64').replace(/.{40}/g, '$&\n'),
    ],
    ['as the base64 of its DER', (_, der) => der.toString('base64')],
    ['as the base64url of its DER', (_, der) => der.toString('base64url')],
  ])('is taken as environment variables have it: %s', (_, form) => {
    const key = newKey();
    const given = form(pemOf(key), key.export({ format: 'der', type: 'pkcs8' }));
    expect(SigningKey.from(given)?.publicKey).toEqual(SigningKey.from(key)!.publicKey);
  });

  it('has another verifier key under another name', () => {
    const key = SigningKey.from(newKey())!;
    expect(key.verifierKey('a').id).not.toBe(key.verifierKey('b').id);
    expect(key.verifierKey('a').publicKey).toEqual(key.verifierKey('b').publicKey);
  });

  it('does not print its private half', () => {
    const key = newKey();
    const { d } = key.export({ format: 'jwk' }) as { d: string };
    const printed = [
      inspect(SigningKey.from(key), { depth: 9, showHidden: true }),
      JSON.stringify(SigningKey.from(key)),
    ];
    for (const text of printed) {
      expect(text).not.toContain(d);
      expect(text).not.toContain(Buffer.from(d, 'base64url').toString('hex'));
    }
  });

  it.each<[string, unknown]>([
    ['a public key', createPublicKey(newKey())],
    ['a public key as PEM', createPublicKey(newKey()).export({ format: 'pem', type: 'spki' })],
    ['a key of another kind', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['an X25519 key', generateKeyPairSync('x25519').privateKey],
    ['an Ed448 key', generateKeyPairSync('ed448').privateKey],
    ['a PEM of another kind', pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    [
      'an encrypted PEM',
      newKey().export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ],
    ['half a PEM', pemOf(newKey()).slice(0, 60)],
    ['bytes', newKey().export({ format: 'der', type: 'pkcs8' })],
    ['a JWK', newKey().export({ format: 'jwk' })],
    ['text', 'key'],
    ['nothing', undefined],
    ['null', null],
    ['an object', { type: 'private', asymmetricKeyType: 'ed25519' }],
  ])('is not made of %s', (_, given) => {
    expect(SigningKey.from(given)).toBeNull();
  });
});
