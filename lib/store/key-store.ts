import { isObject } from '../util/complaints';

/** What a key may be allowed to do. */
export const SCOPES = ['write', 'read', 'export', 'verify'] as const;
export type Scope = (typeof SCOPES)[number];

/** The tenants that a key is bound to: those listed, those whose ids begin with a text, or any but the ledger's own. */
export type KeyTenants = 'any' | readonly string[] | { readonly prefix: string };

/** One of at most two secrets of a key. Instants are ISO 8601. */
export interface StoredSecret {
  /** SHA-256 of the whole text of the key: 64 lower-case hex digits. */
  readonly digest: string;
  /** The beginning of that text, by which people tell secrets apart. */
  readonly prefix: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly firstUsedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** An API key as it is kept. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tenants: KeyTenants;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** Newest first. */
  readonly secrets: readonly StoredSecret[];
  /** Counts the changes. */
  readonly revision: number;
}

/** Where API keys are kept. */
export interface KeyStore {
  /** Keeps a new key, durable with `w: majority`. */
  addKey(key: StoredKey): Promise<void>;
  /** Keeps a key in the place of its last revision. False when there is another by now. */
  changeKey(key: StoredKey): Promise<boolean>;
  /**
   * The keys with these ids, or all, from the primary with read concern `majority`. What has not the shape of a key is
   * none.
   */
  keys(ids?: readonly string[]): Promise<StoredKey[]>;
}

/** Whether a value has the shape of a key: whoever holds the database may have written it. */
export function isStoredKey(value: unknown): value is StoredKey {
  if (!isObject(value)) return false;
  const { id, name, scopes, tenants, createdAt, expiresAt, revokedAt, secrets, revision } = value;
  return (
    [id, name, createdAt].every(isText) &&
    [expiresAt, revokedAt].every(isTextOrNull) &&
    Array.isArray(scopes) &&
    scopes.every((scope) => (SCOPES as readonly unknown[]).includes(scope)) &&
    isTenants(tenants) &&
    Array.isArray(secrets) &&
    secrets.every(isSecret) &&
    Number.isSafeInteger(revision)
  );
}

function isTenants(value: unknown): value is KeyTenants {
  if (Array.isArray(value)) return value.every(isText);
  return value === 'any' || (isObject(value) && isText(value['prefix']) && value['prefix'] !== '');
}

function isSecret(value: unknown): value is StoredSecret {
  if (!isObject(value)) return false;
  const { digest, prefix, createdAt, expiresAt, firstUsedAt, lastUsedAt } = value;
  return (
    [prefix, createdAt].every(isText) &&
    [expiresAt, firstUsedAt, lastUsedAt].every(isTextOrNull) &&
    typeof digest === 'string' &&
    /^[0-9a-f]{64}$/.test(digest)
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}
