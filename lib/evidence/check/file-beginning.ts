import { isObject } from '../../util/complaints';
import { checkpointOrigin } from '../../notes/checkpoint';
import { PLAIN_CSV_HEADER } from '../csv';
import { EVIDENCE_FORMAT } from '../records';

/** Bytes at the beginning of a file that tell what it is: more than any manifest has. */
export const BEGINNING_BYTES = 64 * 1024;

/** What a manifest says of the tree that a file proves. Nothing is verified yet. */
export interface StatedHead {
  origin: string;
  size: number;
}

/** What the beginning of a file says of it. */
export interface Beginning {
  /** Whether it says that it is evidence of the format that is known here. */
  isEvidence: boolean;
  /** Whether it is an export without proof, a list for reading. */
  isPlainExport: boolean;
  /** Null when that cannot be told. */
  stated: StatedHead | null;
}

/**
 * Reads the beginning of a file, which tells what it is, and which checkpoint to compare it with. Evidence is known as
 * such although a program saved it again with another byte order mark, other line ends or separators.
 */
export function readBeginning(text: string): Beginning {
  const lines = text.replace(/^\ufeff+/, '').split('\n', 2);
  const [first = '', second = ''] = lines.map((line) => line.replace(/\r$/, ''));
  const manifest = manifestIn(first, second);
  const record = first === '[' ? second : first;
  return {
    isEvidence: manifest?.['format'] === EVIDENCE_FORMAT,
    isPlainExport: first === PLAIN_CSV_HEADER || record.startsWith('{"action":'),
    stated: manifest && headIn(manifest),
  };
}

/** The manifest is the first line of JSON Lines, the second of JSON, and the last cell of the second of CSV. */
function manifestIn(first: string, second: string): Record<string, unknown> | null {
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
  const cell = /^"?manifest"?[,;\t]+"(.*)"$/.exec(row)?.[1];
  return cell?.replaceAll('""', '"') ?? null;
}

function headIn({ ledger, tenantId, treeSize }: Record<string, unknown>): StatedHead | null {
  if (typeof ledger !== 'string' || typeof tenantId !== 'string' || typeof treeSize !== 'number') return null;
  return tenantId.isWellFormed() ? { origin: checkpointOrigin(ledger, tenantId), size: treeSize } : null;
}
