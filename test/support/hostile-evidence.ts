import type { Json } from '../../lib/chain/json';
import type { EvidenceFormat, EvidenceRecord } from '../../lib/evidence/records';
import { checkpointOrigin } from '../../lib/notes/checkpoint';
import { chainOf, encode, noteOf, recordsOf, withExport } from './evidence-file';

const MEGABYTE = 1024 * 1024;

/** A file in parts, made anew at each call. */
type Parts = () => Iterable<string>;

/** Repeats a text up to about so many bytes. */
const fill = (text: string, bytes: number): string =>
  text.repeat(Math.floor(bytes / Buffer.byteLength(text)));

const numbered = (count: number, make: (n: number) => string, separator = ','): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(separator);

const ENTRIES = withExport(chainOf(3), {});
const SIMPLE = recordsOf(ENTRIES, {}, null);
const LINES = encode(SIMPLE, 'jsonl').split('\n');
const TABLE = encode(SIMPLE, 'csv');
const HEADER = TABLE.slice(0, TABLE.indexOf('\n') + 1);
const MANIFEST_ROW = TABLE.slice(HEADER.length, TABLE.indexOf('\n', HEADER.length) + 1);

/** A file with an entry whose metadata is this text, whatever it is. */
function withMetadata(text: () => string, format: EvidenceFormat = 'jsonl'): Parts {
  return function* () {
    const [manifest = '', entry = '', ...rest] = LINES;
    const line = entry.replace(/"metadata":\{[^}]*\}/, () => `"metadata":${text()}`);
    if (format === 'csv') {
      const object = /^\{"entry":(.*),"hash":"(\w+)","type":"entry"\}$/s.exec(line);
      const [, json = '', hash = ''] = object ?? [];
      yield HEADER + MANIFEST_ROW;
      yield `entry,1${','.repeat(26)}${hash},"${json.replaceAll('"', '""')}"\r\n`;
      return;
    }
    if (format === 'json') {
      yield `[\n${manifest},\n`;
      yield `${line},\n`;
      yield rest.join(',\n');
      return;
    }
    yield `${manifest}\n`;
    yield `${line}\n`;
    yield rest.join('\n');
  };
}

/** An export of an entry with this metadata, as an honest ledger would write it. */
function honest(metadata: () => Json, format: EvidenceFormat): Parts {
  return () => {
    const chain = chainOf(1, 'org_acme', () => ({ metadata: metadata() }));
    return [encode(recordsOf(withExport(chain, {}), {}, null), format)];
  };
}

/** The simple file with its manifest or its checkpoint changed. */
function withRecord(at: number, change: () => object): Parts {
  return () => [encode(SIMPLE.with(at, { ...SIMPLE.at(at), ...change() } as EvidenceRecord), 'jsonl')];
}

function* omittedLines(bytes: number): Iterable<string> {
  yield `${(LINES[0] ?? '').replace('"treeSize":4', '"treeSize":4000000')}\n`;
  const hash = 'ab'.repeat(32);
  for (let n = 1, size = 0; size < bytes; n++) {
    const line = `{"first":${n},"hash":"${hash}","last":${n},"type":"omitted"}\n`;
    size += line.length;
    yield line;
  }
}

/** The simple file of another ledger, which fits together. */
function ofLedger(ledger: string): Parts {
  return () => {
    const [manifest, ...records] = SIMPLE.with(0, { ...SIMPLE[0], ledger } as EvidenceRecord);
    const note = noteOf(ENTRIES, null, checkpointOrigin(ledger, 'org_acme'));
    return [encode([manifest!, ...records.with(-1, { type: 'checkpoint', keys: [], note })], 'jsonl')];
  };
}

/**
 * Files of about 16 MB that are made to cost a verifier as much as they can, by what is in them. They are broken but for
 * those that are called right.
 */
export function hostileFiles(bytes = 15 * MEGABYTE): Record<string, Parts> {
  return {
    'an open quote and line feeds': () => [HEADER + MANIFEST_ROW, 'entry,"', fill('\n', bytes)],
    'an open quote and CR LF': () => [HEADER + MANIFEST_ROW, 'entry,"', fill('\r\n', bytes)],
    quotes: () => [HEADER + MANIFEST_ROW, 'entry,', fill('"', bytes), '\r\n'],
    'quotes and line feeds': () => [HEADER + MANIFEST_ROW, 'entry,"', fill('""\n', bytes)],
    'a row of commas': () => [HEADER + MANIFEST_ROW, 'entry', fill(',', bytes), '\r\n'],
    'a row of semicolons': () => [HEADER + MANIFEST_ROW, 'entry', fill(';', bytes), '\r\n'],
    'a long header': () => [fill('type,', bytes), '\r\n'],
    'a header of quotes': () => [fill('"', bytes), '\r\n'],
    'byte order marks': () => [fill('\ufeff', bytes), '\n'],
    'empty lines alone': () => [fill('\n', bytes)],
    'empty lines behind the manifest': () => [`${LINES[0] ?? ''}\n`, fill('\n', bytes)],
    'empty rows': () => [HEADER + MANIFEST_ROW, fill('\r\n', bytes)],
    spaces: () => [`${LINES[0] ?? ''}\n`, fill(' ', bytes), '\n'],
    NUL: () => [fill('\0', bytes), '\n'],
    members: withMetadata(() => `{${numbered(1_200_000, (n) => `"m${n}":0`)}}`),
    'members that are numbers': withMetadata(() => `{${numbered(1_200_000, (n) => `"${n}":0`)}}`),
    'one member many times': withMetadata(() => `{${fill('"a":1,', bytes)}"a":1}`),
    'as many members as there may be': withMetadata(
      () => `{${numbered(300_000, (n) => `"member number ${n}":${n}.5`)}}`,
    ),
    'objects each of another shape': withMetadata(() => `[${numbered(300_000, (n) => `{"m${n}":{}}`)}]`),
    'empty objects': withMetadata(() => `[${fill('{},', bytes)}{}]`),
    'as many empty objects as there may be': withMetadata(() => `[${fill('{},', 1_490_000)}{}]`),
    'empty arrays': withMetadata(() => `[${fill('[],', bytes)}[]]`),
    'as many strings as there may be': withMetadata(() => `[${fill('"ab",', 4_900_000)}"ab"]`),
    numbers: withMetadata(() => `[${fill('1,', bytes)}1]`),
    'as many numbers as there may be': withMetadata(() => `[${fill('1.5e-7,', 6_900_000)}1]`),
    'one long number': withMetadata(() => fill('1', bytes)),
    'a number with a long fraction': withMetadata(() => `0.${fill('1', bytes)}`),
    brackets: withMetadata(() => fill('[', bytes)),
    'brackets in a string': withMetadata(() => `"${fill('[', bytes)}"`),
    'levels side by side': withMetadata(() => `[${fill(`${'['.repeat(30)}${']'.repeat(30)},`, bytes)}[]]`),
    backslashes: withMetadata(() => `"${fill('\\\\', bytes)}"`),
    escapes: withMetadata(() => `"${fill('\\u0001', bytes)}"`),
    'needless escapes': withMetadata(() => `"${fill('\\u0061', bytes)}"`),
    'escaped quotes': withMetadata(() => `"${fill('\\"', bytes)}"`),
    ASCII: withMetadata(() => `"${fill('a', bytes)}"`),
    'ASCII and one wide character': withMetadata(() => `"${fill('a', bytes)}\u4e2d"`),
    'wide characters': withMetadata(() => `"${fill('\u4e2d', bytes)}"`),
    pairs: withMetadata(() => `"${fill('😀', bytes)}"`),
    'one enormous element of an array': withMetadata(() => `"${fill('a', bytes)}\u4e2d"`, 'json'),
    'members of an element of an array': withMetadata(
      () => `{${numbered(1_200_000, (n) => `"m${n}":0`)}}`,
      'json',
    ),
    'escaped quotes in a cell': withMetadata(() => `"${fill('\\"', bytes / 2)}"`, 'csv'),
    'ASCII and one wide character in a cell': withMetadata(() => `"${fill('a', bytes)}\u4e2d"`, 'csv'),
    'strings in a cell': withMetadata(() => `[${fill('"",', 2_900_000)}""]`, 'csv'),
    'formulas in a cell': withMetadata(() => `"${fill(';=', bytes)}"`, 'csv'),
    'semicolons in a cell that is right': honest(() => fill(';', 2_500_000), 'csv'),
    'quotes in a cell that is right': honest(() => fill('"', 3_000_000), 'csv'),
    'text in a cell that is right': honest(() => `${fill('a', 14_000_000)}\u4e2d`, 'csv'),
    'text in a line that is right': honest(() => `${fill('a', 15_000_000)}\u4e2d`, 'jsonl'),
    'strings in a cell that is right': honest(
      () => Array.from({ length: 900_000 }, (_, n) => `${n % 10}`),
      'csv',
    ),
    'strings in a line that is right': honest(
      () => Array.from({ length: 990_000 }, (_, n) => `${n}`),
      'jsonl',
    ),
    'members in a line that is right': honest(
      () => Object.fromEntries(Array.from({ length: 310_000 }, (_, n) => [`member number ${n}`, n])),
      'json',
    ),
    'a long ledger': withRecord(0, () => ({ ledger: fill('l', bytes) })),
    'a long ledger that is right': ofLedger(fill('l', bytes)),
    'a long tenant': withRecord(0, () => ({ tenantId: fill('ü', bytes) })),
    'a long filter': withRecord(0, () => ({ filter: { actor: fill('a', bytes) } })),
    'many keys': withRecord(-1, () => ({ keys: Array.from({ length: 900_000 }, () => 'k') })),
    'too many keys': withRecord(-1, () => ({ keys: Array.from({ length: 3_500_000 }, () => '') })),
    'a long key': withRecord(-1, () => ({
      keys: [`${fill('k', bytes)}+12345678+AQ==`],
      note: `a\n1\nAA==\n\n— k AAAAAAA=\n`,
    })),
    'a key of plus signs': withRecord(-1, () => ({
      keys: [fill('+', bytes)],
      note: `a\n1\nAA==\n\n— k AAAAAAA=\n`,
    })),
    'a long note': withRecord(-1, () => ({ note: fill('n', bytes) })),
    'a note of lines': withRecord(-1, () => ({ note: fill('\n', bytes / 2) })),
    'a note of signatures': withRecord(-1, () => ({
      note: `a\n1\nAA==\n\n${fill('— k AAAAAAA=\n', bytes * 0.9)}`,
    })),
    'a note with a long signature': withRecord(-1, () => ({
      note: `a\n1\nAA==\n\n— k ${fill('AAAA', bytes)}\n`,
    })),
    'a note of spaces': withRecord(-1, () => ({ note: `a\n1\nAA==\n\n—${fill(' ', bytes)}\n` })),
    'a root of base64': withRecord(-1, () => ({ note: `a\n1\n${fill('AAAA', bytes)}\n` })),
    'omitted records': () => omittedLines(bytes),
    commitments: () => [
      `${LINES[0] ?? ''}\n`,
      `${(LINES[1] ?? '').replace('"context"', () => `"commitments":{${numbered(300_000, (n) => `"/${n}":"${'a'.repeat(32)}"`)}},"context"`)}\n`,
    ],
    'unknown members': () => [
      `${LINES[0] ?? ''}\n`,
      `{"entry":{${numbered(300_000, (n) => `"m${n}":0`)}},"hash":"${'0'.repeat(64)}","type":"entry"}\n`,
    ],
    'small entries that are wrong': () => [
      `${LINES[0] ?? ''}\n`,
      fill(`${(LINES[1] ?? '').replace('admin', 'root')}\n`, bytes),
    ],
    'records of a line each that are none': () => [`${LINES[0] ?? ''}\n`, fill('{}\n', bytes)],
    'words of an array': () => ['[\n', `${LINES[0] ?? ''},\n`, fill('1,', bytes), '\n]\n'],
  };
}
