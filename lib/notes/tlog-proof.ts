import { AuditError } from '../errors';
import { quote } from '../util/quote';
import { encodeBase64, decodeBase64 } from '../util/base64';
import { type Hash, HASH_BYTES } from '../tree/hash';

/** C2SP tlog-proof: that a leaf is in the tree of a checkpoint. Nothing is verified yet. */
export interface TlogProof {
  /** Of the leaf, from 0. */
  index: number;
  /** The inclusion proof. */
  hashes: Hash[];
  /** A signed note. */
  checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const EXTRA = 'extra ';
const INDEX = /^index (0|[1-9]\d{0,15})$/;

/** A proof of a tree with as many leaves as there are safe integers has no more hashes. */
const MAX_HASHES = 63;

/** Of what stands before the checkpoint: the header, extra data, the index, the hashes. */
const MAX_LINES = 3 + MAX_HASHES;

export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  const lines = [HEADER, `index ${index}`, ...hashes.map(encodeBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads a proof. Extra data, which this format may carry, is skipped: it is not proven.
 * @throws AuditError `UNREADABLE`.
 */
export function parseTlogProof(text: string): TlogProof {
  const split = text.indexOf('\n\n');
  if (split < 0) throw unreadable('it holds no checkpoint');
  const [header, ...lines] = text.slice(0, split).split('\n', MAX_LINES + 1);
  if (header !== HEADER) throw unreadable(`its first line is not ${HEADER}`);
  if (lines[0]?.startsWith(EXTRA)) assertExtra(lines.shift() ?? '');
  const index = Number(INDEX.exec(lines.shift() ?? '')?.[1] ?? NaN);
  if (!Number.isSafeInteger(index)) throw unreadable('it names no index');
  if (lines.length > MAX_HASHES) throw unreadable(`it has more than ${MAX_HASHES} hashes`);
  return { index, hashes: lines.map(parseHash), checkpoint: text.slice(split + 2) };
}

/** What it holds is for whoever knows. That it is base64 is part of the format; the example of C2SP leaves the padding out. */
function assertExtra(line: string): void {
  const text = line.slice(EXTRA.length);
  const padding = text.endsWith('=') ? '' : '='.repeat(-text.length & 3);
  if (decodeBase64(text + padding) === null) throw unreadable(`its line ${quote(line)} is not base64`);
}

function parseHash(line: string): Hash {
  const bytes = decodeBase64(line);
  if (bytes?.length !== HASH_BYTES) throw unreadable(`${quote(line)} is not a hash`);
  return bytes;
}

function unreadable(why: string): AuditError {
  return new AuditError('UNREADABLE', `This is not a tlog-proof: ${why}.`);
}
