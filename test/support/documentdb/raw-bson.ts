import { onDemand } from 'bson';

const LENGTH_BYTES = 4;
const EMPTY_DOCUMENT_BYTES = 5;

/**
 * A document with those of `document`'s top-level elements whose name passes `wanted`, copied byte by byte: decoding
 * and encoding again would lose BSON types (`undefined`, symbols) and the order of fields whose names are numbers.
 */
export function pickElements(document: Uint8Array, wanted: (name: string) => boolean): Buffer {
  const parts = [...onDemand.parseToElements(document)]
    .map(([, nameOffset, nameLength, offset, length]) => ({
      name: Buffer.from(document.buffer, document.byteOffset + nameOffset, nameLength).toString('utf8'),
      bytes: document.subarray(nameOffset - 1, offset + length),
    }))
    .filter(({ name }) => wanted(name))
    .map(({ bytes }) => bytes);
  const size = parts.reduce((sum, part) => sum + part.length, EMPTY_DOCUMENT_BYTES);
  const head = Buffer.alloc(LENGTH_BYTES);
  head.writeInt32LE(size);
  return Buffer.concat([head, ...parts, Buffer.alloc(1)], size);
}

/** The name of a document's first element, which is a command's name; `undefined` for an empty document. */
export function firstElementName(document: Uint8Array): string | undefined {
  const end = document.indexOf(0, LENGTH_BYTES + 1);
  return document.length > EMPTY_DOCUMENT_BYTES
    ? Buffer.from(document.subarray(LENGTH_BYTES + 1, end)).toString('utf8')
    : undefined;
}

/** The document at `index` in a row of BSON documents, as an OP_MSG document sequence holds them. */
export function documentAt(sequence: Uint8Array, index: number): Uint8Array | undefined {
  const view = Buffer.from(sequence.buffer, sequence.byteOffset, sequence.byteLength);
  let at = 0;
  for (let skipped = 0; at + LENGTH_BYTES <= view.length; skipped += 1) {
    const size = view.readInt32LE(at);
    if (skipped === index) return view.subarray(at, at + size);
    at += size;
  }
  return undefined;
}

/** A row of BSON documents, cut into rows of so many. */
export function cutSequence(sequence: Uint8Array, count: number): Buffer[] {
  const view = Buffer.from(sequence.buffer, sequence.byteOffset, sequence.byteLength);
  const rows: Buffer[] = [];
  for (let begin = 0, at = 0; begin < view.length; begin = at) {
    for (let i = 0; i < count && at < view.length; i++) at += view.readInt32LE(at);
    rows.push(view.subarray(begin, at));
  }
  return rows;
}
