import { AuditError } from '../errors';
import { quote } from '../util/quote';
import { encodeBase64, decodeBase64 } from '../util/base64';
import { type Hash, HASH_BYTES } from '../tree/hash';
import { isNoteText } from './note';

/** What a checkpoint states of a tree. */
export interface TreeHead {
  /** Whose tree it is: `<ledger>/<encodeURIComponent(tenantId)>`. */
  origin: string;
  /** Leaves. */
  size: number;
  root: Hash;
}

const SIZE = /^(0|[1-9]\d{0,15})$/;

/** The origin of a tenant's checkpoints, which is also the name of the key that signs them. */
export function checkpointOrigin(ledger: string, tenantId: string): string {
  return `${ledger}/${encodeURIComponent(tenantId)}`;
}

/** C2SP tlog-checkpoint: the text of a checkpoint, three lines. */
export function formatCheckpoint({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/**
 * Reads the text of a checkpoint. Extension lines are refused: nobody here would know what they say.
 * @throws AuditError `CHECKPOINT_UNREADABLE`.
 */
export function parseCheckpoint(text: string): TreeHead {
  const [origin = '', size = '', encoded = '', end, more] = text.split('\n', 5);
  const root = decodeBase64(encoded);
  const isHead = isOrigin(origin) && SIZE.test(size) && Number.isSafeInteger(Number(size));
  if (isHead && root?.length === HASH_BYTES && end === '' && more === undefined)
    return { origin, size: Number(size), root };
  const form = 'an origin, a size and a root hash on a line each';
  throw new AuditError('CHECKPOINT_UNREADABLE', `${quote(text)} is not a checkpoint: it should be ${form}.`);
}

/** C2SP tlog-checkpoint: not empty. The text of an unsigned checkpoint went through no note's checks. */
function isOrigin(text: string): boolean {
  return text !== '' && isNoteText(text);
}
