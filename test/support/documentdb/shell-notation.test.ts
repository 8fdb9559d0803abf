import {
  Binary,
  BSONSymbol,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';
import { inShellNotation } from './shell-notation';

// As MongoDB 7.0 writes them into its messages.
it.each([
  [{}, '{}'],
  [{ tenantId: 'x', seq: new Int32(1) }, '{ tenantId: "x", seq: 1 }'],
  [{ a: 'say "so"' }, '{ a: "say \\"so\\"" }'],
  [{ a: null, b: true }, '{ a: null, b: true }'],
  [
    { a: Long.fromString('9007199254740993'), b: new Double(1), c: new Double(1.5) },
    '{ a: 9007199254740993, b: 1.0, c: 1.5 }',
  ],
  [{ a: Decimal128.fromString('1.50') }, '{ a: 1.50 }'],
  [{ a: new ObjectId('0123456789abcdef01234567') }, "{ a: ObjectId('0123456789abcdef01234567') }"],
  [{ a: new Date(1_700_000_000_000) }, '{ a: new Date(1700000000000) }'],
  [{ a: { b: [new Int32(1), 'x'] } }, '{ a: { b: [ 1, "x" ] } }'],
  [
    { a: new UUID('01234567-89ab-4cde-8f01-23456789abcd') },
    '{ a: UUID("01234567-89ab-4cde-8f01-23456789abcd") }',
  ],
  [{ a: new Binary(Buffer.from('ab')) }, '{ a: BinData(0, 6162) }'],
  [{ a: new BSONSymbol('s'), b: /x/i }, '{ a: "s", b: /x/i }'],
  [
    { a: new Timestamp({ t: 1, i: 2 }), b: new MinKey(), c: new MaxKey() },
    '{ a: Timestamp(1, 2), b: MinKey, c: MaxKey }',
  ],
])('%j is %s', (document, notation) => {
  expect(inShellNotation(document)).toBe(notation);
});
