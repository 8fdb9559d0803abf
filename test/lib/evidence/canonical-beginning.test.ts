import fc from 'fast-check';
import { canonicalize } from '../../../lib/chain/canonical';
import type { Json } from '../../../lib/chain/json';
import { canonicalBeginning } from '../../../lib/evidence/canonical-beginning';

it('begins as the canonical text of a value does, and is all of a short one', () => {
  const property = fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(60), (value, length) => {
    const json = JSON.parse(JSON.stringify(value)) as Json;
    const text = canonicalize(json);
    const beginning = canonicalBeginning(json, length);
    expect(beginning.slice(0, length)).toBe(text.slice(0, length));
    if (text.length <= length) expect(beginning).toBe(text);
    else expect(beginning.length).toBeGreaterThanOrEqual(length);
  });
  fc.assert(property, { numRuns: 1_000 });
});

it('does not part a pair', () => {
  expect(canonicalBeginning('a😀b', 2).slice(0, 2)).toBe('"a');
  expect(canonicalBeginning({ 'a😀b': 1 }, 2)).toMatch(/^\{"a/);
});

it('writes no more than was asked for', () => {
  const many = Array.from({ length: 100_000 }, () => ({ member: [1, 2, 3] }));
  expect(canonicalBeginning(many, 100).length).toBeLessThan(200);
  expect(canonicalBeginning({ a: 'x'.repeat(1e6), b: many }, 100).length).toBeLessThan(200);
});
