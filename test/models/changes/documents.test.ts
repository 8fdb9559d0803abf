import { mongo } from 'mongoose';
import { changedPaths, type Document, idKey, omit, treeOf } from '../../../models/changes/documents';

const { BSON, Decimal128, Long, ObjectId } = mongo;
const serialize = (document: Record<string, unknown>) => BSON.serialize(document);

/** What the database would give. */
const read = (document: object) => BSON.deserialize(BSON.serialize(document)) as Document;

const id = new ObjectId();
const other = new ObjectId();
const [one, two] = [new Date(1), new Date(2)];

it.each([
  ['a text', { a: 'x' }, { a: 'x' }, []],
  ['an array of texts', { a: ['x', 'y'] }, { a: ['x', 'y'] }, []],
  ['their order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, ['a']],
  ['one more', { a: ['x'] }, { a: ['x', undefined] }, ['a']],
  ['a number and its text', { a: [1] }, { a: ['1'] }, ['a']],
  ['the types of a number', { a: [Long.fromNumber(2 ** 60)] }, { a: [2 ** 60] }, ['a']],
  ['a date', { a: [{ at: one }] }, { a: [{ at: two }] }, ['a']],
  ['a date and its text', { a: [{ at: one }] }, { a: [{ at: one.toISOString() }] }, ['a']],
  ['the order of members in an array', { a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }] }, ['a']],
  ['the order of members elsewhere', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, []],
  ['an ObjectId in an array', { a: [{ _id: id }] }, { a: [{ _id: other }] }, ['a']],
  ['a decimal', { a: [Decimal128.fromString('1.0')] }, { a: [Decimal128.fromString('1.00')] }, ['a']],
  ['bytes', { a: [Buffer.from('a')] }, { a: [Buffer.from('b')] }, ['a']],
  ['null and nothing', { a: null }, {}, ['a']],
  ['a zero below zero', { a: [-0] }, { a: [0] }, ['a']],
  ['an array in an array', { a: [['x']] }, { a: [['y']] }, ['a']],
])('%s: what differs is what the database tells apart', (_, before, after, paths) => {
  const [left, right] = [read({ _id: id, ...before }), read({ _id: id, ...after })];
  expect(changedPaths(left, right, serialize)).toEqual(paths);
  expect(changedPaths(left, read({ _id: id, ...before }), serialize)).toEqual([]);
});

it('ids have one key each, of whatever type they are', () => {
  const ids = [id, id.toHexString(), other, 1, '1', Long.fromNumber(1), { a: 1 }, { a: 2 }, null];
  expect(new Set(ids.map((each) => idKey(each, serialize))).size).toBe(ids.length);
  expect(idKey(new ObjectId(id.toHexString()), serialize)).toBe(idKey(id, serialize));
});

it('a document without nothing is the document', () => {
  const document = { _id: 1, a: { b: 1, c: 2 } };
  expect(omit(document, [])).toEqual(document);
  expect(omit(document, [treeOf(['a.b'])])).toEqual({ _id: 1, a: { c: 2 } });
});
