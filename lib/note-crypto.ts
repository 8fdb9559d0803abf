import { verifyEd25519 } from './ed25519';
import { nodeHash } from './merkle/hash';
import type { NoteCrypto } from './merkle/note';
import { sha256Bytes } from './sha256';

/** What notes need of cryptography, on Node.js. */
export const NOTE_CRYPTO: NoteCrypto = { sha256: sha256Bytes, verify: verifyEd25519 };

/** The hash of an inner node, on Node.js. */
export const NODE_HASH = nodeHash(sha256Bytes);

/** RFC 6962 §2.1: the hash of a tree without leaves. */
export const EMPTY_ROOT = sha256Bytes(new Uint8Array());
