import { isObject } from '../lib/complaints';
import { EVIDENCE_FORMAT } from '../lib/evidence/records';
import { originOf } from '../lib/merkle/checkpoint';

/** What a manifest says of the tree that a file proves. Nothing is verified yet. */
export interface StatedHead {
  origin: string;
  size: number;
}

/** Bytes that are looked at: more than any manifest has. */
const LIMIT = 64 * 1024;

const LF = 0x0a;

/** The chunks of a file, and what its manifest says. */
export interface PeekedFile {
  /** Whether it says that it is evidence of the format that is known here. */
  isEvidence: boolean;
  /** Null when that cannot be told. */
  stated: StatedHead | null;
  stream: AsyncIterable<Uint8Array>;
}

/** Looks at the beginning of a file, which tells what it is, and which checkpoint to compare it with. */
export async function peek(stream: AsyncIterable<Uint8Array>): Promise<PeekedFile> {
  const chunks = stream[Symbol.asyncIterator]();
  const beginning: Uint8Array[] = [];
  for (let size = 0, lines = 0; size < LIMIT && lines < 2;) {
    const next = await chunks.next();
    if (next.done) break;
    beginning.push(next.value);
    size += next.value.length;
    lines += next.value.reduce((count, byte) => count + Number(byte === LF), 0);
  }
  const manifest = manifestIn(Buffer.concat(beginning).toString());
  const isEvidence = manifest?.['format'] === EVIDENCE_FORMAT;
  return { isEvidence, stated: manifest && headIn(manifest), stream: joined(beginning, chunks) };
}

async function* joined(
  beginning: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* beginning;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** The manifest is the first line of JSON Lines, the second of JSON, and the last cell of the second of CSV. */
function manifestIn(beginning: string): Record<string, unknown> | null {
  const [first = '', second = ''] = beginning.split('\n', 2);
  const text = first.startsWith('{') ? first : (cellIn(second) ?? second.replace(/,$/, ''));
  try {
    const manifest: unknown = JSON.parse(text);
    return isObject(manifest) ? manifest : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function cellIn(row: string): string | null {
  const cell = /^manifest,+"(.*)"\r?$/.exec(row)?.[1];
  return cell?.replaceAll('""', '"') ?? null;
}

function headIn({ ledger, tenantId, treeSize }: Record<string, unknown>): StatedHead | null {
  if (typeof ledger !== 'string' || typeof tenantId !== 'string' || typeof treeSize !== 'number') return null;
  return tenantId.isWellFormed() ? { origin: originOf(ledger, tenantId), size: treeSize } : null;
}
