import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../crypto/node';
import type { AuditEvent } from '../event/event';
import { isoText } from '../event/instant';
import type { KeyStore, StoredKey } from '../store/key-store';
import { LEDGER_ACTOR, SYSTEM_TENANT } from '../vocabulary';
import { KeyLookup } from './key-lookup';
import { keyIdIn } from './key-text';

/** Whether a text is a key, and why not. `id` is only known of a key whose secret was right. */
export type KeyVerdict =
  { key: StoredKey; prefix: string } | { key: null; reason: 'unknown' | 'revoked' | 'expired'; id?: string };

/** What checks keys. */
export interface KeyCheckParts {
  store: KeyStore;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** Records in the ledger's own chain. */
  record: (event: AuditEvent) => Promise<unknown>;
  report: (error: Error) => void;
}

/** The last use is written at most this often, in milliseconds. */
const USE_INTERVAL = 60_000;

/** What is compared where there is no key: the answer must not come sooner. */
const NO_DIGEST = '0'.repeat(64);

/** Tells which key a text is, and keeps when it was used. */
export class KeyCheck {
  readonly #parts: KeyCheckParts;
  readonly #lookup: KeyLookup;
  /** Keys whose use is being written. */
  readonly #writing = new Set<string>();

  constructor(parts: KeyCheckParts) {
    this.#parts = parts;
    this.#lookup = new KeyLookup(parts.store, parts.now);
  }

  /** The key was changed by this process. */
  forget(id: string): void {
    this.#lookup.forget(id);
  }

  /** @throws what the store does. */
  async check(text: string): Promise<KeyVerdict> {
    const id = keyIdIn(text);
    if (id === null) return { key: null, reason: 'unknown' };
    const key = await this.#lookup.find(id);
    const place = placeOf(sha256(text), key);
    const secret = key?.secrets[place];
    if (!key || !secret) return { key: null, reason: 'unknown' };
    const now = isoText(this.#parts.now());
    if (key.revokedAt !== null) return { key: null, reason: 'revoked', id };
    if ([key.expiresAt, secret.expiresAt].some((end) => end !== null && end <= now))
      return { key: null, reason: 'expired', id };
    this.#used(key, place, now);
    return { key, prefix: secret.prefix };
  }

  #used(key: StoredKey, place: number, now: string): void {
    const last = key.secrets[place]?.lastUsedAt;
    if (last && Date.parse(now) - Date.parse(last) < USE_INTERVAL) return;
    if (this.#writing.has(key.id)) return;
    this.#writing.add(key.id);
    this.#writeUse(key, place, now)
      .catch((cause: unknown) =>
        this.#parts.report(new Error(`The use of the key ${key.id} could not be noted`, { cause })),
      )
      .finally(() => this.#writing.delete(key.id));
  }

  async #writeUse(key: StoredKey, place: number, now: string): Promise<void> {
    const isFirst = key.secrets[place]?.firstUsedAt === null;
    const secrets = key.secrets.map((secret, i) =>
      i === place ? { ...secret, firstUsedAt: secret.firstUsedAt ?? now, lastUsedAt: now } : secret,
    );
    const used = { ...key, secrets, revision: key.revision + 1 };
    const isOurs = await this.#parts.store.changeKey(used);
    if (isOurs) this.#lookup.keep(used);
    else this.#lookup.forget(key.id); // another process has noted it, or changed the key
    if (!isOurs || !isFirst) return;
    const { id, name } = key;
    await this.#parts.record({
      action: 'ledger.key.used',
      tenantId: SYSTEM_TENANT,
      actor: LEDGER_ACTOR,
      resource: { id, type: 'api-key', name },
      metadata: { prefix: secrets[place]?.prefix },
    });
  }
}

/** Which of a key's secrets has a digest; -1 when none has. The time that it takes says nothing of how much is equal. */
function placeOf(digest: string, key: StoredKey | null): number {
  const given = Buffer.from(digest, 'hex');
  let place = -1;
  for (const [i, known] of (key?.secrets.map((secret) => secret.digest) ?? [NO_DIGEST]).entries())
    if (timingSafeEqual(given, Buffer.from(known, 'hex'))) place = i;
  return place;
}
