import * as fc from 'fast-check';
import { serializeDraft, parseDraft } from '../../../lib/event/draft-json';
import { createDrafter } from '../../../lib/event/drafter';
import { hostileValues } from '../../support/hostile-values';
import { sha256 } from '../../../lib/crypto/node';

const record = createDrafter({ sha256, now: () => 0, valueBytes: 65_536 });
const whole = {
  v: 1,
  tenantId: 't',
  id: 'i',
  occurredAt: '2026-01-01T00:00:00.000Z',
  actor: 'a',
  action: 'b.c',
  outcome: 'success',
};
const textOf = (draft: object) => JSON.stringify({ draft, occurredAtGiven: false });

/** JSON nested to a depth. */
function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

describe('a draft as text', () => {
  it('comes back as it was, whatever its values', () => {
    fc.assert(
      fc.property(
        hostileValues,
        hostileValues,
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        (metadata, before, name, given) => {
          const event = { tenantId: 't', action: 'a.b', metadata, before, actor: { id: 'u', name } };
          const drafted = record(
            (given ? { ...event, occurredAt: new Date(5) } : event) as never,
            {},
            'application',
          );
          const { draft, occurredAtGiven } = parseDraft(serializeDraft(drafted));
          expect(draft).toEqual(drafted.draft);
          expect(occurredAtGiven).toBe(given);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is one line', () => {
    const drafted = record(
      { tenantId: 't', action: 'a.b', metadata: { a: 'x\ny\r\u2028' } },
      {},
      'application',
    );
    expect(serializeDraft(drafted)).not.toMatch(/[\n\r]/);
  });

  it('is read with its size in bytes', () => {
    const text = textOf({ ...whole, metadata: 'ü' });
    expect(parseDraft(text).bytes).toBe(Buffer.byteLength(text));
  });
});

describe('a text that draftText did not give', () => {
  it.each([
    ['is no JSON', '{'],
    ['is empty', ''],
    ['is no object', '[]'],
    ['is null', 'null'],
    ['has no draft', '{"occurredAtGiven":true}'],
    ['has a draft that is null', '{"draft":null,"occurredAtGiven":true}'],
    ['does not say whether the time was given', JSON.stringify({ draft: whole })],
    ['says it with another type', JSON.stringify({ draft: whole, occurredAtGiven: 1 })],
    ['has a member more', JSON.stringify({ draft: whole, occurredAtGiven: true, more: 1 })],
    ['has an unknown member in the draft', textOf({ ...whole, seq: 1 })],
    ['has a prototype in the draft', `{"draft":{"__proto__":{},"v":1},"occurredAtGiven":true}`],
    ['is of another version', textOf({ ...whole, v: 2 })],
    ['lacks a required member', textOf({ ...whole, tenantId: undefined })],
    ['has a number for a text', textOf({ ...whole, actor: 5 })],
    ['has an array for a text', textOf({ ...whole, resource: ['r'] })],
    ['has an outcome that there is not', textOf({ ...whole, outcome: 'toString' })],
    ['has a time with a zone', textOf({ ...whole, occurredAt: '2026-01-01T00:00:00.000+00:00' })],
    ['has a time without milliseconds', textOf({ ...whole, occurredAt: '2026-01-01T00:00:00Z' })],
    ['has a day that there is not', textOf({ ...whole, occurredAt: '2026-02-30T00:00:00.000Z' })],
    ['has a text for the context', textOf({ ...whole, context: 'GET' })],
    ['hides a lone surrogate', textOf({ ...whole, metadata: { a: '\ud800' } })],
    ['hides a lone surrogate in a name', textOf({ ...whole, metadata: { '\ud800': 1 } })],
    ['has a number that is too large', textOf({ ...whole, metadata: 5 }).replace('5', '1e999')],
    ['has a name that BSON cannot hold', textOf({ ...whole, before: { a: [{ 'b\0c': 1 }] } })],
    ['is nested deeper than the database takes', textOf({ ...whole, after: 5 }).replace('5', nested(150))],
    ['is nested deeper than the stack', textOf({ ...whole, after: 5 }).replace('5', nested(100_000))],
  ])('is UNREADABLE when it %s', (_, text) => {
    expect(() => parseDraft(text)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });
});
