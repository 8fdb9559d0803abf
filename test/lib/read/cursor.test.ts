import * as fc from 'fast-check';
import { formatCursor, parseCursor } from '../../../lib/read/cursor';

const encode = (text: string): string => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('gives back its number in its order, and none in the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seq) => {
        expect(parseCursor(formatCursor(seq, 'asc'), 'asc')).toBe(seq);
        expect(parseCursor(formatCursor(seq, 'desc'), 'desc')).toBe(seq);
        expect(parseCursor(formatCursor(seq, 'asc'), 'desc')).toBeNull();
        expect(parseCursor(formatCursor(seq, 'desc'), 'asc')).toBeNull();
      }),
    );
  });

  it('may stand in a URL as it is', () => {
    const cursor = formatCursor(Number.MAX_SAFE_INTEGER, 'desc');
    expect(encodeURIComponent(cursor)).toBe(cursor);
  });

  it.each([
    'asc:0',
    'asc:-1',
    'asc:1.5',
    'asc:01',
    'asc:1e3',
    'asc:',
    'asc',
    'asc:9007199254740992',
    'asc:NaN',
    ' asc:1',
    'asc:1\n',
    'up:1',
  ])('is none: %p', (text) => {
    expect(parseCursor(encode(text), 'asc')).toBeNull();
  });

  it('is no text at random', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(parseCursor(text, 'asc')).toBeNull()));
  });
});
