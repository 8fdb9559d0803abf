import type { AuditEvent } from '../event/event';
import { isoText } from '../event/instant';
import { AuditError } from '../errors';
import { quote } from '../util/quote';
import { SYSTEM_TENANT } from '../vocabulary';
import type { KeyStore, StoredKey, StoredSecret } from '../store/key-store';
import { sha256 } from '../crypto/node';
import {
  type KeyOptions,
  type NarrowOptions,
  parseGrace,
  parseKeyOptions,
  parseNarrowOptions,
  type RotateOptions,
  type Step,
} from './key-options';
import { isWithinTenants } from './key-tenants';
import { isKeyId, keyPrefix, newKeyId, newKeyText } from './key-text';

/** What may be known of a key's secret. */
export type SecretInfo = Omit<StoredSecret, 'digest'>;

/** What may be known of a key. Instants are ISO 8601. */
export interface KeyInfo extends Omit<StoredKey, 'secrets' | 'revision'> {
  /** Those that are valid, newest first: two while the key is rotated. */
  secrets: SecretInfo[];
}

/** A key with its new secret, which is shown this once: only its digest is kept. */
export interface NewKey extends KeyInfo {
  key: string;
}

/** What keys are kept with. */
export interface KeysParts {
  store: KeyStore;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** Records in the ledger's own chain. */
  record: (event: AuditEvent) => Promise<unknown>;
  /** Told of each key that is not as it was. */
  changed: (id: string) => void;
}

/** Another process may have changed the key in the meantime: so often it is read again. */
const TRIES = 5;

/** A key has so many secrets at a time. */
const SECRETS = 2;

/**
 * The API keys of the collector. Each step is an entry in the ledger's own chain: a secret is valid once that is durable. In
 * other processes a step takes effect within five seconds.
 */
export class Keys {
  readonly #parts: KeysParts;

  constructor(parts: KeysParts) {
    this.#parts = parts;
  }

  /**
   * Makes a key.
   * @throws AuditError `INVALID_OPTIONS`, `QUEUE_FULL`, `CLOSED`, `STORE_UNAVAILABLE`.
   */
  async create(options: KeyOptions): Promise<NewKey> {
    const { expiresAt, ...given } = parseKeyOptions(options);
    const id = newKeyId();
    const { text, secret } = this.#newSecret(id);
    const key: StoredKey = {
      id,
      ...given,
      createdAt: secret.createdAt,
      expiresAt: expiresAt === null ? null : isoText(expiresAt),
      revokedAt: null,
      secrets: [secret],
      revision: 1,
    };
    await this.#record('created', key, options, { ...grants(key), prefix: secret.prefix });
    await this.#parts.store.addKey(key);
    return { ...describe(key), key: text };
  }

  /** All keys, newest first, those of one millisecond by their ids; those that were revoked, too. */
  async list(): Promise<KeyInfo[]> {
    const keys = (await this.#parts.store.keys()).sort((a, b) => (a.id < b.id ? -1 : 1));
    return keys
      .sort((a, b) => Number(a.createdAt < b.createdAt) - Number(a.createdAt > b.createdAt))
      .map(describe);
  }

  /**
   * Gives a key a new secret. The one before stays valid for `graceSeconds`; older ones end.
   * @throws AuditError `INVALID_OPTIONS` for a key that there is not, or that was revoked.
   */
  async rotate(id: string, options: RotateOptions = {}): Promise<NewKey> {
    const grace = parseGrace(options);
    const { text, secret } = this.#newSecret(id);
    const end = isoText(this.#parts.now() + grace * 1000);
    await this.#record('rotated', await this.#find(id), options, {
      prefix: secret.prefix,
      graceSeconds: grace,
    });
    const key = await this.#change(id, (before) => {
      assertNotRevoked(before);
      const kept = grace === 0 ? [] : before.secrets.slice(0, SECRETS - 1);
      return {
        secrets: [secret, ...kept.map((old) => ({ ...old, expiresAt: earlier(old.expiresAt, end) }))],
      };
    });
    return { ...describe(key), key: text };
  }

  /**
   * Takes rights from a key: scopes, tenants, time.
   * @throws AuditError `INVALID_OPTIONS` for what the key does not have, and a key that there is not.
   */
  async narrow(id: string, options: NarrowOptions): Promise<KeyInfo> {
    const { expiresAt, ...given } = parseNarrowOptions(options);
    const narrowed = { ...given, ...(expiresAt !== undefined && { expiresAt: textOf(expiresAt) }) };
    const found = await this.#find(id);
    assertNarrower(found, { ...found, ...narrowed });
    await this.#record('narrowed', found, options, grants({ ...found, ...narrowed }));
    const key = await this.#change(id, (before) => {
      assertNarrower(before, { ...before, ...narrowed });
      return narrowed;
    });
    return describe(key);
  }

  /**
   * Ends a key for good.
   * @throws AuditError `INVALID_OPTIONS` for a key that there is not.
   */
  async revoke(id: string, options: Step = {}): Promise<KeyInfo> {
    const revokedAt = isoText(this.#parts.now());
    // Before it is recorded: a stolen key must not outlive a queue that is full.
    const key = await this.#change(id, (before) => ({ revokedAt: before.revokedAt ?? revokedAt }));
    await this.#record('revoked', key, options, {});
    return describe(key);
  }

  #newSecret(id: string): { text: string; secret: StoredSecret } {
    const text = newKeyText(id);
    const createdAt = isoText(this.#parts.now());
    const unused = { expiresAt: null, firstUsedAt: null, lastUsedAt: null };
    return { text, secret: { digest: sha256(text), prefix: keyPrefix(text), createdAt, ...unused } };
  }

  async #find(id: string): Promise<StoredKey> {
    const [key] = isKeyId(id) ? await this.#parts.store.keys([id]) : [];
    if (key) return key;
    throw new AuditError(
      'INVALID_OPTIONS',
      `There is no key ${quote(id)}: give the \`id\` of one, see keys.list().`,
    );
  }

  async #change(id: string, change: (before: StoredKey) => Partial<StoredKey>): Promise<StoredKey> {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await this.#find(id);
      const after = { ...before, ...change(before), revision: before.revision + 1 };
      if (!(await this.#parts.store.changeKey(after))) continue;
      this.#parts.changed(id);
      return after;
    }
    throw new AuditError('STORE_UNAVAILABLE', `The key ${id} is being changed by others: try again.`);
  }

  async #record(step: string, { id, name }: StoredKey, { by }: Step, metadata: object): Promise<void> {
    await this.#parts.record({
      action: `ledger.key.${step}`,
      tenantId: SYSTEM_TENANT,
      actor: by,
      resource: { id, type: 'api-key', name },
      metadata,
    });
  }
}

/** What is shown of a key. */
export function describe({ secrets, revision: _, ...key }: StoredKey): KeyInfo {
  return { ...key, secrets: secrets.map(({ digest: _, ...secret }) => secret) };
}

function grants({ scopes, tenants, expiresAt }: StoredKey): object {
  return { scopes, tenants, ...(expiresAt !== null && { expiresAt }) };
}

function textOf(time: number | null): string | null {
  return time === null ? null : isoText(time);
}

/** Of two ends, of which null is none. */
function earlier(one: string | null, other: string): string {
  return one !== null && one < other ? one : other;
}

function assertNotRevoked({ id, revokedAt }: StoredKey): void {
  if (revokedAt === null) return;
  throw new AuditError('INVALID_OPTIONS', `The key ${id} was revoked at ${revokedAt}: make a new one.`);
}

function assertNarrower(before: StoredKey, after: StoredKey): void {
  const isWithin =
    after.scopes.every((scope) => before.scopes.includes(scope)) &&
    isWithinTenants(after.tenants, before.tenants) &&
    (before.expiresAt === null || (after.expiresAt !== null && after.expiresAt <= before.expiresAt));
  if (isWithin) return;
  throw new AuditError(
    'INVALID_OPTIONS',
    `The key ${after.id} cannot be given more than it has: make a new one.`,
  );
}
