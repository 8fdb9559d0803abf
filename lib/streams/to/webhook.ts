import { createHash, createHmac, createPrivateKey, sign } from 'node:crypto';
import type { Delivery, Destination, Means, Piece, PostAnswer, Secret } from '../destination';
import { assertSecret, hidePath, readOptions, readUrl } from './address';
import { describeAnswer, judgeStatus, retryAfter } from './status';

/** Where a webhook goes. */
export interface WebhookOptions {
  url: string;
  /**
   * What signs: `whsec_…` (HMAC-SHA256) or `whsk_…` (Ed25519), in base64. Several sign one message, while one takes the
   * place of another.
   */
  secret: Secret | readonly Secret[];
  /** Entries in one message; 1 when left out, so that the message has the entry's id. */
  batch?: number | undefined;
}

const KNOWN = ['url', 'secret', 'batch'];

/** What is before the 32 bytes of an Ed25519 private key in PKCS#8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An id of a webhook has no dots, which separate what is signed. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,200}$/;

/**
 * A webhook by Standard Webhooks (https://www.standardwebhooks.com): `webhook-id` is the same at each try, `webhook-timestamp`
 * and `webhook-signature` are of the try.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function webhook(options: WebhookOptions): Destination {
  const url = readOptions('webhook', options, KNOWN, (given, complaints) => {
    const { secret, batch } = given;
    const secrets: unknown[] = Array.isArray(secret) ? secret : [secret];
    for (const each of secrets) assertSecret(each, complaints, 'secret');
    if (secrets.length === 0) complaints.add('secret', 'a secret, or several', secret);
    if (batch !== undefined && !(Number.isInteger(batch) && Number(batch) >= 1 && Number(batch) <= 1000))
      complaints.add('batch', 'a whole number from 1 to 1000', batch);
    return readUrl(given['url'], complaints);
  }) as URL;
  const { batch = 1 } = options;
  const secrets = (Array.isArray(options.secret) ? options.secret : [options.secret]) as readonly Secret[];
  return {
    kind: 'webhook',
    address: url.origin,
    format: 'native',
    limits: { entries: batch, bytes: 1_000_000 },
    encode: ({ body }) => JSON.stringify(body),
    async deliver(pieces, means) {
      const body = messageOf(pieces, batch > 1);
      const id = messageId(pieces);
      await hidePath(url, means);
      const timestamp = String(Math.floor(means.now() / 1000));
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': await signatures(secrets, `${id}.${timestamp}.${body}`, means),
      };
      return judge(await means.post({ url: url.href, headers, body }), means.now());
    },
  };
}

function messageOf(pieces: readonly Piece[], isBatch: boolean): string {
  const [first] = pieces;
  const texts = pieces.map(({ text }) => text);
  const type = isBatch ? 'audit.entries' : 'audit.entry';
  const data = isBatch ? `[${texts.join(',')}]` : (texts[0] ?? 'null');
  return `{"type":"${type}","timestamp":${JSON.stringify(first?.entry.recordedAt)},"data":${data}}`;
}

/** The id of the entry among all tenants; of several, one that follows from theirs. */
function messageId(pieces: readonly Piece[]): string {
  const keys = pieces.map(({ key }) => key);
  const [only = ''] = keys;
  if (keys.length === 1 && PLAIN_ID.test(only)) return only;
  return `msg_${createHash('sha256').update(keys.join('\n')).digest('base64url')}`;
}

async function signatures(secrets: readonly Secret[], signed: string, means: Means): Promise<string> {
  const made: string[] = [];
  for (const secret of secrets) made.push(signature(await means.reveal(secret), signed));
  return made.join(' ');
}

/**
 * A signature of Standard Webhooks.
 * @throws {Error} for a secret of another form; it does not show it.
 */
export function signature(secret: string, signed: string): string {
  const [prefix, text] = [secret.slice(0, secret.indexOf('_') + 1), secret.slice(secret.indexOf('_') + 1)];
  const key = Buffer.from(text, 'base64');
  if (prefix === 'whsec_' && key.length >= 24 && key.length <= 64)
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  if (prefix === 'whsk_' && (key.length === 32 || key.length === 64)) {
    const der = Buffer.concat([PKCS8, key.subarray(0, 32)]);
    const made = sign(
      null,
      Buffer.from(signed),
      createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    );
    return `v1a,${made.toString('base64')}`;
  }
  throw new Error('its secret must be whsec_ with 24 to 64 bytes, or whsk_ with an Ed25519 key, in base64');
}

/** 410 asks for no more messages, and 3xx are failures: that is what Standard Webhooks says. */
function judge(answer: PostAnswer, now: number): Delivery {
  if (answer.status === 410) return { result: 'stop', reason: describeAnswer(answer), isGone: true };
  const isRedirect = answer.status >= 300 && answer.status < 400;
  if (isRedirect) return { result: 'retry', reason: describeAnswer(answer), after: retryAfter(answer, now) };
  return judgeStatus(answer, now);
}
