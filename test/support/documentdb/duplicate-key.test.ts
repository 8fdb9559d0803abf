import { Int32, serialize } from 'bson';
import { describeDuplicateKey, indexNamedIn, readConstraintViolation } from './duplicate-key';

const hex = (document: object): string => `BSONHEX${Buffer.from(serialize(document)).toString('hex')}`;

describe('describeDuplicateKey', () => {
  it('takes nested values, and null for a field that is not there', () => {
    const index = { namespace: 'db.things', name: 'i', keyPattern: { 'a.b': 1, c: -1 } };
    expect(describeDuplicateKey(index, { a: { b: new Int32(2) } })).toEqual({
      errmsg: 'E11000 duplicate key error collection: db.things index: i dup key: { a.b: 2, c: null }',
      keyPattern: { 'a.b': 1, c: -1 },
      keyValue: { 'a.b': new Int32(2), c: null },
    });
  });
});

describe('indexNamedIn', () => {
  it('finds the name in a write error', () => {
    const message = "Duplicate key violation on the requested collection: Index 'tenantId_1_seq_1'";
    expect(indexNamedIn(message)).toBe('tenantId_1_seq_1');
  });
});

describe('readConstraintViolation', () => {
  it('reads the violation of a unique index', () => {
    const unique = `generate_unique_shard_document(document, shard_key_value, '${hex({ a: 1 })}'::documentdb_core.bson, false, true)`;
    const detail = `Key (document, documentdb_api_internal.${unique})=(${hex({ _id: 'x', a: 'y' })}, ${hex({})}) conflicts with existing key`;
    expect(readConstraintViolation(detail, 'documents_rum_index_3')).toEqual({
      indexId: '3',
      keyPattern: { a: new Int32(1) },
      document: { _id: 'x', a: 'y' },
    });
  });

  it('reads a duplicate _id', () => {
    const detail = `Key (shard_key_value, object_id)=(2, ${hex({ '': 'x' })}) already exists.`;
    expect(readConstraintViolation(detail, 'collection_pk_2')).toEqual({
      indexId: undefined,
      keyPattern: { _id: 1 },
      document: { _id: 'x' },
    });
  });

  it('is undefined for what it does not know', () => {
    expect(readConstraintViolation('Key (a)=(1) already exists.', 'other')).toBeUndefined();
  });
});
