import { entryHash } from '../../lib/chain/entry';
import { sha256 } from '../../lib/crypto/node';
import type { EvidenceRecord } from '../../lib/evidence/records';

/** Numbers from 0 to `below` that follow from a seed: mulberry32. */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What can become of a file: another one, mostly. `others` are files to take parts from. */
type Damage = (file: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const at = (file: Buffer, random: Random): number => random(file.length);

const replaced = (file: Buffer, begin: number, end: number, part: Buffer | string): Buffer =>
  Buffer.concat([file.subarray(0, begin), Buffer.from(part as string), file.subarray(end)]);

const one = <T>(items: readonly T[], random: Random): T => items[random(items.length)] as T;

function changeLines(
  change: (lines: string[], n: number, random: Random, others: readonly Buffer[]) => void,
): Damage {
  return (file, random, others) => {
    const lines = file.toString('latin1').split('\n');
    change(lines, random(lines.length), random, others);
    return Buffer.from(lines.join('\n'), 'latin1');
  };
}

/** Changes a character out of some kind to another one of the kind. */
function changeWithin(kind: string): Damage {
  return (file, random) => {
    const places = [...file.keys()].filter((n) => kind.includes(String.fromCharCode(file[n] ?? 0)));
    if (places.length === 0) return file;
    const place = one(places, random);
    return replaced(file, place, place + 1, kind.charAt(random(kind.length)));
  };
}

const DAMAGES: Damage[] = [
  (file, random) => {
    const copy = Buffer.from(file);
    const place = at(copy, random);
    copy[place] = (copy[place] ?? 0) ^ (1 << random(8));
    return copy;
  },
  (file, random) => replaced(file, at(file, random), file.length, ''),
  (file, random) => {
    const begin = at(file, random);
    return replaced(file, begin, begin + 1 + random(3), '');
  },
  (file, random) => {
    const begin = at(file, random);
    return replaced(file, begin, begin, Buffer.of(random(256)));
  },
  (file, random) => {
    const begin = at(file, random);
    return replaced(
      file,
      begin,
      begin,
      one(['\r', '\n', '\r\n', '"', '""', ',', ';', '\\', ' ', '\ufeff', '\0', "'"], random),
    );
  },
  (file, random, others) => {
    const [begin, length, other] = [at(file, random), 1 + random(400), one(others, random)];
    const from = at(other, random);
    return replaced(file, begin, begin + length, other.subarray(from, from + length));
  },
  (file, random) => {
    const [begin, from, length] = [at(file, random), at(file, random), 1 + random(40)];
    return replaced(file, begin, begin + length, file.subarray(from, from + length));
  },
  changeWithin('0123456789abcdef'),
  changeWithin('0123456789'),
  changeWithin('[]{}'),
  changeWithin(',;:"\\'),
  changeLines((lines, n) => void lines.splice(n, 1)),
  changeLines((lines, n) => void lines.splice(n, 0, lines[n] ?? '')),
  changeLines((lines, n, random) => {
    const m = random(lines.length);
    [lines[n], lines[m]] = [lines[m] ?? '', lines[n] ?? ''];
  }),
  changeLines((lines, n, random, others) => {
    const theirs = one(others, random).toString('latin1').split('\n');
    lines[n] = theirs[n] ?? '';
  }),
  changeLines((lines, n, random) => {
    lines[n] = one(
      [(line: string) => `${line}\r`, (line: string) => line.replace(/\r$/, '')],
      random,
    )(lines[n] ?? '');
  }),
  (file) => Buffer.from(file.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (file) => Buffer.from(file.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1'),
  (file) =>
    file.subarray(0, 3).equals(Buffer.from('\ufeff'))
      ? file.subarray(3)
      : Buffer.concat([Buffer.from('\ufeff'), file]),
  (file) => Buffer.from(file.toString('latin1'), 'utf8'),
  (file) => Buffer.from(file.toString('utf8'), 'utf16le'),
  (file) => Buffer.from(file.toString('latin1').replaceAll(',', ';'), 'latin1'),
];

/** The file after one to three things were done to it. */
export function damaged(file: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let result = file;
  for (let n = random(3); n >= 0; n--) result = one(DAMAGES, random)(result, random, others);
  return result;
}

/** The records after somebody who knows the format, but not the key, has changed one or more of them. */
export function forged(
  records: readonly EvidenceRecord[],
  random: Random,
  others: readonly (readonly EvidenceRecord[])[],
): EvidenceRecord[] {
  const result = [...records];
  for (let n = random(3); n >= 0; n--) {
    const place = random(result.length);
    const record = result[place];
    if (record) result.splice(place, 1, ...forgedRecord(record, random, one(others, random)[place]));
  }
  return result;
}

const INSTANTS = ['2020-01-01T00:00:00.000Z', '2026-01-05T00:00:00.000Z', '2030-01-01T00:00:00.000Z'];

function forgedRecord(record: EvidenceRecord, random: Random, other = record): EvidenceRecord[] {
  const choices: (() => EvidenceRecord[])[] = [() => [], () => [record, record], () => [other]];
  if (record.type === 'entry') {
    const member = one(
      ['actor', 'resource', 'seq', 'recordedAt', 'tenantId', 'metadata', 'prevHash'],
      random,
    );
    const value = { seq: 1 + random(20), recordedAt: one(INSTANTS, random), prevHash: '0'.repeat(64) }[
      member
    ];
    const entry = { ...record.entry, [member]: value ?? `forged ${random(9)}` };
    choices.push(
      () => [{ ...record, entry }],
      () => [{ ...record, entry, hash: entryHash(entry, sha256) }],
      () => [{ type: 'omitted', first: record.entry.seq, last: record.entry.seq, hash: record.hash }],
    );
  } else if (record.type === 'omitted') {
    const middle = (record.first + record.last - 1) / 2;
    choices.push(
      () => [{ ...record, hash: 'ab'.repeat(32) }],
      () => [
        { ...record, last: Math.floor(middle) },
        { ...record, first: Math.floor(middle) + 1 },
      ],
    );
  } else if (record.type === 'manifest') {
    const filter = one(
      [
        {},
        { from: one(INSTANTS, random) },
        { to: one(INSTANTS, random) },
        { action: 'auth.*' },
        { actor: 'user_1' },
        { action: '*' },
      ],
      random,
    );
    choices.push(
      () => [{ ...record, filter }],
      () => [{ ...record, exportedAt: one(INSTANTS, random) }],
      () => [{ ...record, treeSize: 1 + random(30) }],
      () => [{ ...record, tenantId: 'org_other' }],
      () => [{ ...record, ledger: 'audit.evil.example' }],
    );
  } else {
    choices.push(
      () => [{ ...record, keys: [...record.keys, ...record.keys] }],
      () => [{ ...record, keys: [] }],
      () => [{ ...record, keys: [], note: record.note.slice(0, record.note.indexOf('\n\n') + 1) }],
      () => [{ ...record, note: record.note.replace(/\d+/, String(random(30))) }],
    );
  }
  return one(choices, random)();
}
