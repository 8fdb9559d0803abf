import fc from 'fast-check';
import type { EvidenceFormat, EvidenceRecord } from '../../../../lib/evidence/records';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';
import { verifyEvidence } from '../../../../lib/evidence/check/node';
import { chainOf, encode, newSigner, recordsOf, streamOf, withExport } from '../../../support/evidence-file';
import { sized } from '../../../support/sized';

const signer = newSigner();
const keys = [signer.vkeyOf('org_acme')];
const entries = withExport(chainOf(199), {});
const records = recordsOf(entries, {}, signer);
const filtered = recordsOf(withExport(chainOf(60), { action: 'auth.*' }), { action: 'auth.*' }, signer);
const foreign = recordsOf(withExport(chainOf(199, 'org_other'), {}), {}, signer);

const verify = (...chunks: (Uint8Array | string)[]): Promise<EvidenceReport> =>
  verifyEvidence(streamOf(...chunks), { keys });
const verdictOf = async (text: Uint8Array | string): Promise<string> => (await verify(text)).verdict;

const formats: EvidenceFormat[] = ['csv', 'json', 'jsonl'];

/** One of so many records. */
const EACH = sized(40, 1);

/** About so many bits spread evenly over a file, each of a byte in turn, or all that it has. */
function bitsOf(file: Buffer, count: number): number[] {
  const all = 8 * file.length;
  const step = count >= all ? 1 : 8 * Math.floor(all / count / 8) + 1;
  return Array.from({ length: Math.ceil(all / step) }, (_, i) => i * step);
}

/** The changed bits that a verifier lets pass. */
async function unnoticed(file: Buffer, bits: number[]): Promise<number[]> {
  const missed: number[] = [];
  for (const bit of bits) {
    const mask = 1 << (bit % 8);
    file[bit >> 3]! ^= mask;
    const { verdict, statedBySigner } = await verify(file);
    // Only the signer's own statement holds the time of the export in place: without it, it counts as not proven.
    if (verdict === 'intact' && statedBySigner) missed.push(bit);
    file[bit >> 3]! ^= mask;
  }
  return missed;
}

describe.each(formats)('a file of 200 entries in %s', (format) => {
  const file = Buffer.from(encode(records, format));
  it('is intact', async () => {
    expect(await verify(file)).toMatchObject({
      verdict: 'intact',
      anchor: 'signed',
      size: 200,
      problems: [],
    });
  });

  it('does not pass with a changed bit', async () => {
    expect(await unnoticed(file, bitsOf(file, sized(20, 4_000)))).toEqual([]);
  });

  it('does not pass with a changed bit of a manifest, an entry or a checkpoint', async () => {
    const short = Buffer.from(encode(recordsOf(withExport(chainOf(1), {}), {}, signer), format));
    expect(await unnoticed(short, bitsOf(short, sized(200, Infinity)))).toEqual([]);
  });

  it('does not prove a time of export that was edited', async () => {
    const edited = encode(records, format).replace('2026-05-01T', '2026-05-02T');
    const report = await verify(edited);
    expect(report).toMatchObject({ verdict: 'intact', statedBySigner: false });
    expect(report.notProven.join(' ')).toContain('the time of the export');
  });

  it('is broken by the removal of any record', async () => {
    for (let at = 0; at < records.length; at += EACH)
      expect(await verdictOf(encode(records.toSpliced(at, 1), format))).toBe('broken');
  });

  it('is broken by a second copy of any record', async () => {
    for (let at = 0; at < records.length; at += EACH)
      expect(await verdictOf(encode(records.toSpliced(at, 0, records[at]!), format))).toBe('broken');
  });

  it('is broken by a swap of any two neighbours', async () => {
    for (let at = 1; at < records.length; at += EACH)
      expect(
        await verdictOf(encode(records.toSpliced(at - 1, 2, records[at]!, records[at - 1]!), format)),
      ).toBe('broken');
  });

  it.each([1, 100, 199, 201])("is broken by record %i out of another tenant's file", async (at) => {
    expect(await verdictOf(encode(records.with(at, foreign[at]!), format))).toBe('broken');
  });

  it('gives the same report however its bytes are cut', async () => {
    const parts = Buffer.from(encode(filtered, format));
    const whole = await verify(parts);
    const cuts = fc.array(fc.nat(parts.length), { maxLength: 40 });
    const property = fc.asyncProperty(cuts, async (at) => {
      const ends = [0, ...at.toSorted((a, b) => a - b), parts.length];
      const chunks = ends.slice(1).map((end, i) => parts.subarray(ends[i], end));
      expect(await verify(...chunks)).toEqual(whole);
      expect(whole.verdict).toBe('intact');
    });
    await fc.assert(property, { numRuns: sized(10, 30) });
    expect(await verify(...Array.from(parts, (byte) => Uint8Array.of(byte)))).toEqual(whole);
    expect(await verify(...Array.from(parts.toString()))).toEqual(whole);
  });

  it('gives the same report of a broken file however its bytes are cut', async () => {
    const broken = Buffer.concat([
      Buffer.from(encode(records.slice(0, 90).toSpliced(40, 1), format)),
      Buffer.of(0xff),
    ]);
    const whole = await verify(broken);
    const property = fc.asyncProperty(fc.nat(broken.length), async (at) => {
      expect(await verify(broken.subarray(0, at), broken.subarray(at))).toEqual(whole);
    });
    await fc.assert(property, { numRuns: sized(10, 30) });
  });

  it.each(['x', '\n', ' ', '\r\n', '{}\n', '\u0000', '['])('is broken by %j behind its end', async (more) => {
    expect(await verdictOf(encode(records, format) + more)).toBe('broken');
  });

  it('is broken wherever it is cut off', async () => {
    const text = encode(filtered, format);
    for (let length = 0; length < text.length; length += sized(151, 1))
      expect(await verdictOf(text.slice(0, length))).toBe('broken');
    expect(await verdictOf(text.slice(0, -1))).toBe('broken');
  });
});

describe('readable cells of a table', () => {
  const table = encode(records, 'csv');

  it.each([
    ['a shown actor', 'user_2,,,,org', 'user_3,,,,org', 'actor'],
    ['a shown instant', 'entry,2,2026-01-02T', 'entry,2,2026-01-01T', 'recordedAt'],
    ['a shown address', '203.0.113.9', '203.0.113.8', 'ipAddress'],
    ['quotes that were not needed', ',user_2,', ',"user_2",', 'actor'],
  ])('cannot be edited: %s', async (_, from, to, column) => {
    const report = await verify(table.replace(from, to));
    expect(report.verdict).toBe('broken');
    expect(report.problems[0]!.message).toContain(`the cell \`${column}\``);
  });

  it('cannot hold a semicolon in `entry`', async () => {
    expect(await verdictOf(table.replace('\\u003b', ';'))).toBe('broken');
  });

  it('may have lost the byte order mark, and all CR between rows, as some programs save them', async () => {
    expect(await verdictOf(table.slice(1))).toBe('intact');
    expect(await verdictOf(table.replaceAll('\r\n', '\n'))).toBe('intact');
    expect(await verdictOf(table.slice(1).replaceAll('\r\n', '\n'))).toBe('intact');
  });

  it.each([1, 2, 3, 100, 201])('cannot have lost the CR of row %i alone', async (row) => {
    const rows = table.split('\r\n');
    const mixed = rows.slice(0, row).join('\r\n') + '\n' + rows.slice(row).join('\r\n');
    expect(await verdictOf(mixed)).toBe('broken');
    const others = rows.slice(0, row).join('\n') + '\r\n' + rows.slice(row).join('\n');
    expect(await verdictOf(others)).toBe('broken');
  });
});

describe('hostile files', () => {
  const lines = encode(records, 'jsonl').split('\n');
  const withLine = (line: string): string => lines.with(1, line).join('\n');
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const metadata = (json: string): string => lines[1]!.replace(/"metadata":\{[^}]*\}/, `"metadata":${json}`);

  it.each([
    ['nothing', '', /no line/],
    ['an empty line', '\n', /not evidence/],
    ['a byte order mark', `\ufeff${lines.join('\n')}`, /byte order mark/],
    ['UTF-16', Buffer.from(lines.join('\n'), 'utf16le'), /./],
    ['random bytes', Buffer.from([0x50, 0x4b, 3, 4, 0xff, 10]), /not UTF-8/],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(lines[0]! + '\n'), Buffer.of(0xc0, 0x80, 0x0a)]),
      /Line 2 .*not UTF-8/,
    ],
    ['a lone surrogate, as text', withLine('{"type":"\ud800"}'), /not UTF-8/],
    ['a lone surrogate, escaped', withLine(metadata('"\\ud800"')), /lone surrogate/],
    ['half a surrogate at the end', '{\ud800', /cut off/],
    ['a text that is no JSON', withLine('{"type":'), /not JSON/],
    ['a NUL', withLine(metadata('"\u0000"')), /not JSON/],
    ['an infinite number', withLine(metadata('1E400')), /finite/],
    ['a negative zero', withLine(metadata('-0')), /canonical form/],
    ['a number with a needless fraction', withLine(metadata('1.0')), /canonical form/],
    ['a carriage return', lines.join('\r\n'), /canonical form/],
    ['CR LF in JSON Lines', lines.join('\r\n'), /line ends of another kind \(CR LF\).*saved it again/],
    ['CR LF in an array', encode(records, 'json').replaceAll('\n', '\r\n'), /CR LF.*saved it again/],
    ['a table in UTF-16', Buffer.from(encode(records, 'csv'), 'utf16le'), /not UTF-8|UTF-16/],
    [
      'a table in Latin-1',
      Buffer.from(encode(records, 'csv').slice(1), 'latin1'),
      /not UTF-8.*another encoding/,
    ],
    [
      'other separators',
      encode(records, 'csv').replaceAll(',', ';'),
      /header of a CSV export.*spreadsheet saved it/,
    ],
    ['tabs', encode(records, 'csv').replaceAll(',', '\t'), /header of a CSV export.*spreadsheet saved it/],
    [
      'quotes about all cells',
      encode(records, 'csv').replace('type,', '"type",'),
      /spreadsheet saved it again/,
    ],
    ['half of its line ends changed', encode(records, 'csv').replace('\r\n', '\n'), /CR LF, and others/],
    ['no last line break', lines.join('\n').trimEnd(), /last line has no line break.*editor/],
    ['brackets that would overflow a stack', withLine('['.repeat(100_000)), /nested deeper/],
    ['deep values', withLine(metadata(deep(33))), /nested deeper/],
    ['deep braces', withLine(metadata('{"a":'.repeat(50_000))), /nested deeper/],
    [
      'a deep cell',
      encode(records, 'csv').replace('""metadata"":{', `""metadata"":${deep(99)},""x"":{`),
      /nested/,
    ],
    ['an array for a record', withLine('[]'), /no JSON object/],
    ['null for a record', withLine('null'), /no JSON object/],
    [
      'a record whose prototype is set',
      withLine('{"__proto__":{"type":"entry"},"type":"entry"}'),
      /no JSON object/,
    ],
    [
      'an entry whose prototype is set',
      withLine(lines[1]!.replace('"action"', '"__proto__":{},"action"')),
      /unknown member/,
    ],
    ['a type out of the prototype', withLine('{"type":"constructor"}'), /unknown type/],
    ['an entry first', lines.slice(1).join('\n'), /first record is not a manifest/],
    ['a table whose header is another', 'type,seq\r\n', /not exactly the header/],
    ['a table of headers alone', encode([], 'csv'), /checkpoint is missing/],
    ['a row without an object', `${encode([], 'csv')}manifest,,,,\r\n`, /without the object/],
    ['a row of another type', encode(records, 'csv').replace('\nmanifest,', '\ncheckpoint,'), /another type/],
    ['a quote that is never closed', `${encode([], 'csv')}entry,"\r\n\r\n`, /last row has no end/],
    ['an array without end', '[\n', /cut off/],
    ['an array with a needless comma', encode(records, 'json').replace('\n]', ',\n]'), /not JSON/],
    ['an empty array', '[\n]\n', /not JSON/],
  ])('%s', async (_, file, message) => {
    const report = await verify(file);
    expect(report).toMatchObject({ verdict: 'broken', anchor: 'none', proven: [] });
    expect(report.problems.map((problem) => problem.message).join('\n')).toMatch(message);
  });

  it.each(formats)('a plain export in %s holds no proof, and the report says so', async (format) => {
    const report = await verify(encode(records, format, false));
    expect(report).toMatchObject({ verdict: 'broken', problemCount: 1, tenantId: null });
    expect(report.problems[0]!.message).toContain('export without proof');
  });

  it('takes values of 32 levels, as a ledger writes them', async () => {
    const nested = (levels: number): object => (levels === 1 ? [] : [nested(levels - 1)]);
    const deepest = withExport(
      chainOf(1, 'org_acme', () => ({ metadata: nested(32) as [] })),
      {},
    );
    for (const format of formats)
      expect(await verdictOf(encode(recordsOf(deepest, {}, signer), format))).toBe('intact');
  });

  it('takes member names of any kind', async () => {
    const metadata = JSON.parse('{"__proto__":1,"":2,"$set":3,"a.b":4,"constructor":5}') as { a: number };
    const odd = withExport(
      chainOf(1, 'org_acme', () => ({ metadata })),
      {},
    );
    for (const format of formats)
      expect(await verdictOf(encode(recordsOf(odd, {}, signer), format))).toBe('intact');
  });

  it('stops reading where nothing that follows has a meaning', async () => {
    let chunks = 0;
    const endless = async function* (): AsyncGenerator<string> {
      for (;;) {
        await Promise.resolve();
        chunks++;
        yield 'nonsense\n';
      }
    };
    expect(await verifyEvidence(endless())).toMatchObject({ verdict: 'broken', problemCount: 1 });
    expect(chunks).toBe(1);
  });

  it('reports a hundred problems and counts all', async () => {
    const edited = records.map((each): EvidenceRecord =>
      each.type === 'entry' ? { ...each, entry: { ...each.entry, actor: 'mallory' } } : each,
    );
    const report = await verify(encode(edited, 'jsonl'));
    expect(report.problems).toHaveLength(100);
    // Each entry, and nothing else: their hashes still add up to the tree.
    expect(report.problemCount).toBe(200);
  });
});
