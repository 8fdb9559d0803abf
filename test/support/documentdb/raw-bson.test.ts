import { BSONSymbol, Decimal128, deserialize, Double, Int32, Long, ObjectId, serialize } from 'bson';
import { documentAt, firstElementName, pickElements } from './raw-bson';

describe('pickElements', () => {
  it('keeps every BSON type of what it picks', () => {
    const fields = {
      int: new Int32(1),
      long: Long.fromNumber(1),
      double: new Double(1),
      decimal: Decimal128.fromString('1.0'),
      symbol: new BSONSymbol('s'),
      id: new ObjectId(),
      date: new Date(0),
      pattern: /a/i,
      nothing: undefined,
    };
    const all = serialize({ ...fields, lsid: 'x' }, { ignoreUndefined: false });
    const expected = serialize(fields, { ignoreUndefined: false });
    expect(pickElements(all, (name) => name !== 'lsid')).toEqual(Buffer.from(expected));
  });

  it('keeps the order of fields whose names are numbers', () => {
    const ordered = serialize(new Map([['b', 1], ['2', 1], ['1', 1]])); // prettier-ignore
    expect(pickElements(ordered, () => true)).toEqual(Buffer.from(ordered));
  });

  it('reads a document that lies inside a larger buffer', () => {
    const large = Buffer.concat([Buffer.alloc(3), serialize({ a: 1, b: 2 })]);
    expect(deserialize(pickElements(large.subarray(3), (name) => name === 'b'))).toEqual({ b: 2 });
  });
});

describe('firstElementName', () => {
  it('is the name of the command', () => expect(firstElementName(serialize({ ping: 1, a: 2 }))).toBe('ping'));
  it('is undefined for an empty document', () => expect(firstElementName(serialize({}))).toBeUndefined());
});

describe('documentAt', () => {
  const sequence = Buffer.concat([serialize({ a: 1 }), serialize({ a: 'two' })]);

  it('finds a document in a sequence', () =>
    expect(deserialize(documentAt(sequence, 1)!)).toEqual({ a: 'two' }));
  it('is undefined beyond the end', () => expect(documentAt(sequence, 2)).toBeUndefined());
});
