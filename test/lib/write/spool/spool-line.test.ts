import * as fc from 'fast-check';
import { serializeDraft } from '../../../../lib/event/draft-json';
import { createDrafter } from '../../../../lib/event/drafter';
import { eventLine, foldLine, readLine, repeatLine } from '../../../../lib/write/spool/spool-line';
import { codePoint } from '../../../support/code-points';
import { hostileValues } from '../../../support/hostile-values';
import { sha256 } from '../../../../lib/crypto/node';

const record = createDrafter({ sha256, now: () => 0, valueBytes: 65_536 });
const AT = '2026-01-01T00:00:00.000Z';

const drafts = hostileValues.map((metadata) =>
  record({ tenantId: 't\n', action: 'a.b', metadata: metadata as never }, {}, 'application'),
);

function withoutEnd(line: string): string {
  expect(line.endsWith('\n')).toBe(true);
  return line.slice(0, -1);
}

function sealed(text: string): string {
  return `${sha256(text).slice(0, 16)} ${text}`;
}

describe('a line', () => {
  it('has no line break but its end, and comes back as it was', () => {
    fc.assert(
      fc.property(drafts, fc.constantFrom('event', 'fold'), (drafted, kind) => {
        const text = serializeDraft(drafted);
        const line = withoutEnd(kind === 'event' ? eventLine(text) : foldLine(text));
        expect(line).not.toContain('\n');
        expect(readLine(line)).toEqual({
          kind,
          drafted: { ...drafted, bytes: Buffer.byteLength(text) },
        });
      }),
      { numRuns: 300 },
    );
  });

  it('says which folded event was repeated, and when', () => {
    expect(readLine(withoutEnd(repeatLine('x-1', AT)))).toEqual({ kind: 'repeat', id: 'x-1', at: AT });
  });

  it('is damaged when any one of its characters is another', () => {
    const line = withoutEnd(
      eventLine(serializeDraft(record({ tenantId: 't', action: 'a.b' }, {}, 'application'))),
    );
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.string({ unit: codePoint, maxLength: 1 }), (at, other) => {
        fc.pre(other !== line[at]);
        expect(readLine(line.slice(0, at) + other + line.slice(at + 1))).toBeNull();
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['a checksum alone', sha256('').slice(0, 16)],
    ['NUL bytes', '\0'.repeat(100)],
    ['another kind', sealed('x{}')],
    ['an event that is no draft', sealed('e{"draft":{}}')],
    ['an event that is no JSON', sealed('e{')],
    ['a repetition without an id', sealed(`r${AT} `)],
    ['a repetition at no time', sealed('ryesterday x')],
    ['a repetition with more behind it', sealed(`r${AT} x y`)],
    ['a carriage return at its end', `${sealed(`r${AT} x`)}\r`],
  ])('is damaged when it holds %s', (_, line) => {
    expect(readLine(line)).toBeNull();
  });
});
