import { sha256Bytes } from '../crypto/node';
import { nodeHash } from '../tree/hash';

/** The hash of an inner node, on Node.js. */
export const TREE_NODE_HASH = nodeHash(sha256Bytes);

/** RFC 6962 §2.1: the hash of a tree without leaves. */
export const EMPTY_ROOT = sha256Bytes(new Uint8Array());
