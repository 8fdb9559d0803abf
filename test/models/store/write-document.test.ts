import { serialize } from 'bson';
import * as fc from 'fast-check';
import { canonicalize } from '../../../lib/chain/canonical';
import type { Entry } from '../../../lib/chain/entry';
import type { Json } from '../../../lib/chain/json';
import { toDocument } from '../../../models/store/write-document';
import { readDocument } from '../../../models/store/read-document';
import { hostileNames } from '../../support/hostile-values';
import vectors from '../../vectors/chain.json';

const entry = vectors.entries[0] as Entry;

function roundTrip(metadata: Json): Json | undefined {
  return readDocument(Buffer.from(serialize(toDocument({ ...entry, metadata })))).entry?.metadata;
}

describe('documentOf', () => {
  it('puts the tenant into the _id, and dates where texts were', () => {
    expect(toDocument({ ...entry, tenantId: 'a:b c/é', id: 'x:y' })).toMatchObject({
      _id: 'a%3Ab%20c%2F%C3%A9:x:y',
      occurredAt: new Date(entry.occurredAt),
      recordedAt: new Date(entry.recordedAt),
    });
  });

  it('has no members beside those of the entry and _id', () => {
    expect(Object.keys(toDocument(entry)).sort()).toEqual(['_id', ...Object.keys(entry)].sort());
  });

  it.each([
    '{"_bsontype":"ObjectId"}',
    '{"_bsontype":"Long","low":1,"high":2}',
    '{"a":[{"b":{"_bsontype":"Nothing"},"__proto__":{"c":1}}]}',
    '[{"_bsontype":{"_bsontype":null}}]',
    '{"$ref":"c","$id":1,"$db":"d"}',
    '{"$oid":"64f000000000000000000001"}',
    '{"__proto__":{"_bsontype":"Double"}}',
    '{"":{"":{"":0}},"a.b":1,"$set":2,"2":0,"1":0}',
    '{"toBSON":1,"toJSON":2,"valueOf":3,"length":0}',
    '[[],{},null,"",0,false]',
  ])('stores as it is what drivers take for a value of their own: %s', (text) => {
    const metadata = JSON.parse(text) as Json;
    expect(canonicalize(roundTrip(metadata)!)).toBe(canonicalize(metadata));
  });

  it('stores any JSON with any names as it is', () => {
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 0 }),
        fc.array(tie('json'), { maxLength: 3 }),
        fc
          .array(
            fc.tuple(
              hostileNames.filter((name) => name.isWellFormed() && !name.includes('\0')),
              tie('json'),
            ),
          )
          .map(
            (members) =>
              JSON.parse(
                `{${members.map(([n, v]) => `${JSON.stringify(n)}:${JSON.stringify(v)}`).join()}}`,
              ) as unknown,
          ),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalize(value as Json);
        const metadata = JSON.parse(text) as Json;
        expect(canonicalize(roundTrip(metadata)!)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
