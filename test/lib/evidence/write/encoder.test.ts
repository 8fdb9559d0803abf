import { createEncoder } from '../../../../lib/evidence/write/encoder';
import { readRow } from '../../../../lib/evidence/check/read-csv';
import { readJson } from '../../../../lib/evidence/check/read-json';
import { type EvidenceFormat, type EvidenceRecord } from '../../../../lib/evidence/records';
import { chainOf, encode, newSigner, recordsOf, withExport } from '../../../support/evidence-file';
import { namesIn, vector } from '../../../support/evidence-vectors';

const recordsOfLines = (text: string): EvidenceRecord[] =>
  text
    .replace(/^\[\n|\]\n$/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => readJson(line.replace(/,$/, '')).record);

/** Files as programs may save them. */
const SAVED_AGAIN = ['range-lf.csv', 'range-no-bom.csv'];

/** No cell of the vectors holds a line break. */
const recordsOfRows = (text: string): EvidenceRecord[] =>
  text
    .split('\r\n')
    .slice(1, -1)
    .map((row) => readRow(`${row}\r\n`).record);

const formatOf = (name: string): EvidenceFormat => name.split('.')[1] as EvidenceFormat;

describe('the vectors', () => {
  it.each(namesIn('evidence').filter((name) => !SAVED_AGAIN.includes(name)))(
    'come back byte for byte: %s',
    (name) => {
      const text = vector('evidence', name).toString();
      const format = formatOf(name);
      const records = format === 'csv' ? recordsOfRows(text) : recordsOfLines(text);
      expect(encode(records, format)).toBe(text);
    },
  );

  it.each(['full', 'range', 'since', 'nothing', 'filtered', 'none'])(
    'hold the same records in each format: %s',
    (name) => {
      const lines = recordsOfLines(vector('evidence', `${name}.jsonl`).toString());
      expect(encode(lines, 'csv')).toBe(vector('evidence', `${name}.csv`).toString());
      expect(encode(lines, 'json')).toBe(vector('evidence', `${name}.json`).toString());
    },
  );
});

describe('without proof', () => {
  const entries = withExport(chainOf(3), {});
  const records = recordsOf(entries, {}, newSigner());
  const plain = (format: EvidenceFormat): string => encode(records, format, false);

  it('JSON Lines hold the entries with their hashes', () => {
    const lines = plain('jsonl').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(entries);
    expect(lines[0]).toMatch(/^\{"action":.*"hash":"[0-9a-f]{64}","id":/);
  });

  it('JSON is an array of them', () => {
    expect(JSON.parse(plain('json'))).toEqual(entries);
  });

  it('CSV lacks the columns type and entry', () => {
    const [header, first] = plain('csv').split('\r\n');
    expect(header).toBe(
      '\ufeffseq,recordedAt,occurredAt,actor,actorType,actorName,onBehalfOf,action,resource,resourceType,resourceName,outcome,' +
        'ipAddress,userAgent,method,route,path,statusCode,durationMs,requestId,traceId,via,metadata,before,after,id,prevHash,hash',
    );
    expect(first).toMatch(/^1,2026-01-01T.*,[0-9a-f]{64}$/);
  });

  it('an export of no entries is still a file of its format', () => {
    const none = (format: EvidenceFormat): string => encode([], format, false);
    expect([JSON.parse(none('json')), none('jsonl'), none('csv').split('\r\n').length]).toEqual([[], '', 2]);
  });
});

it('passes over a hash within the entry', () => {
  const [entry] = chainOf(1);
  const record: EvidenceRecord = { type: 'entry', entry: entry!, hash: entry!.hash };
  expect(createEncoder('jsonl', true).record(record)).not.toContain('"hash":"x');
  expect(readJson(createEncoder('jsonl', true).record(record).trimEnd()).flaw).toBeNull();
});
