import mongoose from 'mongoose';
import { identifierText } from '../../../lib/event/identifier';

describe('identifierText', () => {
  const oid = new mongoose.Types.ObjectId('64f000000000000000000001');

  it.each<[unknown, unknown]>([
    ['x', 'x'],
    [42, '42'],
    [-0, '0'],
    [1e21, '1e+21'],
    [2n ** 70n, '1180591620717411303424'],
    [oid, '64f000000000000000000001'],
  ])('of %p is a text', (value, text) => {
    expect(identifierText(value)).toBe(text);
  });

  const broken = {
    toHexString: () => {
      throw new Error('no');
    },
  };

  it.each([undefined, null, true, NaN, Infinity, [], {}, [oid], broken, { toHexString: () => 7 }])(
    'leaves %p as it is',
    (value) => {
      expect(identifierText(value)).toBe(value);
    },
  );
});
