import mongoose from 'mongoose';
import { convert } from '../../../lib/event/convert';
import { bytesOfJson, driverValue } from '../../../lib/event/driver-values';
import { createSecrets } from '../../../lib/event/secrets';

const mongoose8 = jest.requireActual<typeof mongoose>('mongoose8');
const secrets = createSecrets();
const json = (value: unknown): unknown => convert(value, 'metadata', secrets);

describe.each([
  ['Mongoose 9', mongoose.mongo.BSON],
  ['Mongoose 8', mongoose8.mongo.BSON],
])('values of the driver of %s', (_, bson) => {
  const uuid = '8f3b2c1d-1234-4abc-9def-0123456789ab';

  it.each<[string, unknown, unknown]>([
    ['ObjectId', new bson.ObjectId('64f000000000000000000001'), '64f000000000000000000001'],
    ['Decimal128', bson.Decimal128.fromString('12.50'), '12.50'],
    ['Long', bson.Long.fromString('9007199254740993'), '9007199254740993'],
    ['Int32', new bson.Int32(5), 5],
    ['Double', new bson.Double(1.5), 1.5],
    ['Binary', new bson.Binary(Buffer.from([1, 2, 250])), 'AQL6'],
    ['UUID', new bson.UUID(uuid), uuid],
    ['Binary of a UUID', new bson.UUID(uuid).toBinary(), uuid],
    ['Timestamp', new bson.Timestamp({ t: 7, i: 2 }), { t: 7, i: 2 }],
    ['BSONRegExp', new bson.BSONRegExp('a', 'i'), '/a/i'],
    ['MinKey', new bson.MinKey(), 'MinKey'],
    ['MaxKey', new bson.MaxKey(), 'MaxKey'],
  ])('%s', (_name, value, expected) => {
    expect(json(value)).toEqual(expected);
    expect(json({ member: [value] })).toEqual({ member: [expected] });
  });

  it('are the same in a document as lean', () => {
    const fields = { price: 'Decimal128', size: 'BigInt', file: Buffer, id2: 'UUID' } as const;
    const Model = new mongoose.Mongoose().model('Thing', new mongoose.Schema(fields, { _id: false }));
    const values = { price: '12.50', size: 9007199254740993n, file: Buffer.from([1, 2, 250]), id2: uuid };
    const document = new Model(values);
    const lean = {
      price: bson.Decimal128.fromString('12.50'),
      size: bson.Long.fromString('9007199254740993'),
      file: new bson.Binary(Buffer.from([1, 2, 250])),
      id2: new bson.UUID(uuid).toBinary(),
    };
    const expected = { price: '12.50', size: '9007199254740993', file: 'AQL6', id2: uuid };
    expect(json(lean)).toEqual(expected);
    expect(json(document)).toEqual(expected);
    expect(json(document.toObject())).toEqual(expected);
  });
});

describe('what only says that it is one', () => {
  it.each([
    { _bsontype: 'Long', high: 1, low: 2 },
    { _bsontype: 'Decimal128', bytes: 'x' },
    { _bsontype: 'Binary' },
    { _bsontype: 'ObjectId' },
    { _bsontype: {} },
  ])('is an object like any other: %j', (value) => {
    expect(json(value)).toEqual(value);
  });

  it('does not throw, and is read as what it is', () => {
    class Odd {
      a = 1;
      get _bsontype(): string {
        return 'Decimal128';
      }
    }
    expect(json(new Odd())).toEqual({ a: 1 });
  });
});

/** An object whose class says that it is of the driver. */
const tagged = (tag: unknown, members: object): object =>
  Object.assign(Object.create({ _bsontype: tag }) as object, members);

describe('what has the tag of a value of the driver', () => {
  it.each<[unknown, object]>([
    ['ObjectId', {}],
    ['ObjectId', { toHexString: 'text' }],
    ['ObjectId', { toHexString: () => 5 }],
    ['Decimal128', { bytes: [1], toString: () => '1' }],
    ['Long', { high: 1, low: '2', toString: () => '1' }],
    ['Long', { high: 1.5, low: 2, toString: () => '1' }],
    ['Int32', { value: '5' }],
    ['Double', {}],
    ['Binary', { buffer: 'text' }],
    ['UUID', {}],
    ['Timestamp', { t: 1 }],
    ['Timestamp', { t: 1.5, i: 1 }],
    ['BSONRegExp', { pattern: 'a' }],
    ['BSONRegExp', { pattern: 5, options: 'i' }],
    ['BSONSymbol', { value: 5 }],
    ['Symbol', {}],
    ['Code', { code: 'x' }],
    ['toString', {}],
    [5, {}],
  ])('and not its parts, is none of it: %s %j', (tag, members) => {
    expect(driverValue(tagged(tag, members))).toBeUndefined();
  });

  it('of an older version is read, too', () => {
    expect(driverValue(tagged('Symbol', { value: 'a' }))).toBe('a');
    expect(driverValue(tagged('BSONSymbol', { value: 'a' }))).toBe('a');
    expect(driverValue(tagged('ObjectID', { toHexString: () => 'ab' }))).toBe('ab');
    const buffer = Uint8Array.of(1, 2, 3);
    expect(driverValue(tagged('Binary', { buffer }))).toEqual(buffer);
    expect(driverValue(tagged('Binary', { buffer, position: 2 }))).toEqual(Uint8Array.of(1, 2));
    expect(driverValue(tagged('Binary', { buffer, position: 99 }))).toEqual(buffer);
  });
});

describe('the JSON of a Buffer', () => {
  it('has its bytes, and nothing else is one', () => {
    expect(bytesOfJson(Buffer.from([0, 255]).toJSON())).toEqual(Uint8Array.of(0, 255));
    for (const other of [
      { type: 'Buffer' },
      { type: 'Buffer', data: 'text' },
      { type: 'Buffer', data: [256] },
      { type: 'Buffer', data: [-1] },
      { type: 'Buffer', data: [0.5] },
      { type: 'Buffer', data: ['1'] },
      { type: 'Buffer', data: [1], more: true },
      { type: 'Other', data: [1] },
    ])
      expect(bytesOfJson(other)).toBeNull();
  });
});
