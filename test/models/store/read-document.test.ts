import { serialize } from 'bson';
import * as fc from 'fast-check';
import mongoose from 'mongoose';
import type { Entry } from '../../../lib/chain/entry';
import { toDocument } from '../../../models/store/write-document';
import { readDocument } from '../../../models/store/read-document';
import vectors from '../../vectors/chain.json';

const { Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long, ObjectId } =
  mongoose.mongo;
const { MaxKey, MinKey, Timestamp } = mongoose.mongo;

const entry: Entry = {
  ...(vectors.entries[6] as Entry),
  actorType: 'user',
  resourceName: 'Invite',
  context: { statusCode: 200, ipAddress: '203.0.113.9' },
  metadata: { n: 1.5, list: [1, 'two', null, true], empty: {} },
  before: null,
  after: ['x'],
  commitments: { '/metadata/n': 'ab'.repeat(32) },
};

const bytesOf = (document: object): Buffer => Buffer.from(serialize(document));
const stored = bytesOf(toDocument(entry));

/** The stored document with some members replaced. */
const withMembers = (members: object): Buffer => bytesOf({ ...toDocument(entry), ...members });
const without = (name: string): Buffer =>
  bytesOf(Object.fromEntries(Object.entries(toDocument(entry)).filter(([member]) => member !== name)));

describe('a document as it was written', () => {
  it('is read as the entry', () => {
    expect(readDocument(stored)).toEqual({
      documentId: `org_acme:${entry.id}`,
      seq: 7,
      hash: entry.hash,
      entry,
      fault: null,
    });
  });

  it.each(vectors.entries.map((each) => [each.seq, each as Entry] as const))(
    'is read: vector %i',
    (_, each) => {
      expect(readDocument(bytesOf(toDocument(each))).entry).toEqual(each);
    },
  );

  it('is read with a seq beyond 32 bits', () => {
    const seq = 2 ** 40 + 1;
    expect(readDocument(withMembers({ seq })).entry).toEqual({ ...entry, seq });
  });
});

describe('a member of another BSON type', () => {
  const oid = new ObjectId();
  const PLACED: [string, unknown][] = [
    ['Long', Long.fromNumber(7)],
    ['Double', new Double(7)],
    ['Decimal128', Decimal128.fromString('7')],
  ];
  const FOREIGN: [string, unknown][] = [
    ...PLACED,
    ['ObjectId', oid],
    ['Symbol', new BSONSymbol('user_42')],
    ['Binary', new Binary(Buffer.from('user_42'))],
    ['Regex', new BSONRegExp('user_42')],
    ['Code', new Code('user_42')],
    ['Timestamp', new Timestamp({ t: 7, i: 0 })],
    ['MinKey', new MinKey()],
    ['MaxKey', new MaxKey()],
  ];
  const STRINGS = [
    ...['tenantId', 'id', 'actor', 'actorType', 'actorName', 'onBehalfOf', 'action', 'resource'],
    ...['resourceType', 'resourceName', 'outcome', 'prevHash', 'hash'],
  ];
  const NOT_STRINGS: [string, unknown][] = [
    ...FOREIGN,
    ['number', 7],
    ['boolean', true],
    ['null', null],
    ['Date', new Date(1)],
    ['array', ['user_42']],
    ['object', { $ne: null }],
    ['DBRef', new DBRef('c', oid)],
  ];

  describe.each(STRINGS)('%s', (member) => {
    it.each(NOT_STRINGS)('is a fault as %s', (_, value) => {
      const { entry: none, fault } = readDocument(withMembers({ [member]: value }));
      expect(none).toBeNull();
      expect(fault).toEqual({ kind: 'altered', message: expect.stringContaining(`"${member}"`) });
    });
  });

  describe.each(['context', 'metadata', 'before', 'after', 'commitments'])('%s', (member) => {
    it.each([...FOREIGN, ['Date', new Date(1)]] as [string, unknown][])(
      'is a fault as %s, at any depth',
      (_, value) => {
        for (const content of [value, [value], { a: { b: [value] } }]) {
          expect(readDocument(withMembers({ [member]: content }))).toMatchObject({
            entry: null,
            fault: { kind: 'altered' },
          });
        }
      },
    );
  });

  it.each(['occurredAt', 'recordedAt'])('is a fault in %s: only dates are dates', (member) => {
    const values = [
      entry.recordedAt,
      0,
      Long.fromNumber(0),
      new Timestamp({ t: 1, i: 0 }),
      null,
      [new Date(1)],
    ];
    for (const value of [...values, new Date(8.64e15)]) {
      expect(readDocument(withMembers({ [member]: value })).fault).toMatchObject({ kind: 'altered' });
    }
  });

  it.each([...PLACED, ['Int32 of another version', new Int32(2)], ['string', '1'], ['boolean', true]])(
    'is a fault in v: %s',
    (_, v) => {
      expect(readDocument(withMembers({ v })).fault).toMatchObject({ kind: 'altered' });
    },
  );

  it.each(PLACED)('is a fault in seq, which still has its place: %s', (_, seq) => {
    expect(readDocument(withMembers({ seq }))).toMatchObject({
      seq: 7,
      entry: null,
      fault: { kind: 'altered' },
    });
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, '7', null, true, [7], Long.fromString('9223372036854775807')])(
    'is no place in the chain: %p',
    (seq) => {
      expect(readDocument(withMembers({ seq })).seq).toBeNull();
    },
  );

  it.each<[string, unknown]>([
    ['ObjectId', oid],
    ['number', 7],
    ['Symbol', new BSONSymbol('org_acme:x')],
  ])('is a fault in _id: %s', (_, _id) => {
    expect(readDocument(withMembers({ _id }))).toMatchObject({ documentId: null, entry: null });
  });
});

describe('members that are missing or too many', () => {
  const REQUIRED = [
    'v',
    'tenantId',
    'id',
    'seq',
    'occurredAt',
    'recordedAt',
    'actor',
    'action',
    'outcome',
    'prevHash',
  ];

  it.each([...REQUIRED, 'hash'])('is a fault without %s', (member) => {
    const { entry: none, fault } = readDocument(without(member));
    expect(none).toBeNull();
    expect(fault?.message).toContain(member);
  });

  it.each(['extra', '__proto__', '__v', 'constructor', 'toString', '', 'hash '])(
    'is a fault with %p',
    (name) => {
      const more = Object.defineProperty({ ...toDocument(entry) }, name, { value: 1, enumerable: true });
      expect(readDocument(bytesOf(more))).toMatchObject({ entry: null, fault: { kind: 'altered' } });
    },
  );

  it.each(['_id', 'tenantId', 'seq', 'actor', 'metadata', 'hash'])('is a fault with %s twice', (name) => {
    const again = bytesOf({ [name]: toDocument(entry)[name] }).subarray(4);
    const bytes = Buffer.concat([stored.subarray(0, -1), again]);
    bytes.writeInt32LE(bytes.length);
    const { entry: none, fault } = readDocument(bytes);
    expect(none).toBeNull();
    expect(fault?.message).toMatch(/twice/);
  });
});

describe('bytes that are no document', () => {
  it.each([0, 1, 4, 5, 20, stored.length - 1])('are unreadable: the first %i', (length) => {
    expect(readDocument(stored.subarray(0, length))).toMatchObject({
      entry: null,
      fault: { kind: 'unreadable' },
    });
  });

  it('gives a reading for any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        expect(readDocument(Buffer.from(array))).toMatchObject({ entry: null, fault: expect.anything() });
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives a reading for bytes of the right length that hold anything, and ends', () => {
    const types = [...Array(0x14).keys(), 0x7f, 0xff];
    const parts = fc.oneof(
      fc.constantFrom(...types),
      fc.constantFrom(0, 0, 0, 1, 4, 5, 0x30, 0x61),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (body) => {
        const bytes = Buffer.from([0, 0, 0, 0, ...body, 0]);
        bytes.writeInt32LE(bytes.length);
        expect(readDocument(bytes).entry).toBeNull();
      }),
      { numRuns: 5_000 },
    );
  });

  it('never reads the entry where any one byte has changed, but for what its hash covers', () => {
    const at = fc.nat(stored.length - 1);
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), (index, change) => {
        const bytes = Buffer.from(stored);
        bytes[index] = bytes[index]! ^ change;
        const reading = readDocument(bytes);
        const same = JSON.stringify(reading.entry) === JSON.stringify(entry);
        expect(same && reading.documentId === `org_acme:${entry.id}`).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });
});
