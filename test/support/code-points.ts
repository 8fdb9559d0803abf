import * as fc from 'fast-check';

const SURROGATES = 0xd800;
const AFTER_SURROGATES = 0xe000;
const NUMBER_OF_SURROGATES = AFTER_SURROGATES - SURROGATES;

/**
 * A code point that is no surrogate, for `unit` of `fc.string`. Its own unit `binary` makes a table of all million of
 * them in each test file.
 */
export const codePoint: fc.Arbitrary<string> = fc.nat(0x10ffff - NUMBER_OF_SURROGATES).map(
  (n) => String.fromCodePoint(n < SURROGATES ? n : n + NUMBER_OF_SURROGATES),
  (text) => numberOf(text),
);

/** Lets fast-check shrink, and try texts that are dangerous, which it knows. */
function numberOf(text: unknown): number {
  const point = typeof text === 'string' ? text.codePointAt(0) : undefined;
  if (point === undefined || String.fromCodePoint(point) !== text || isSurrogate(point))
    throw new Error('This is no code point.');
  return point < SURROGATES ? point : point - NUMBER_OF_SURROGATES;
}

const isSurrogate = (point: number): boolean => point >= SURROGATES && point < AFTER_SURROGATES;
