import { type Memory, Pin } from '../../../viewer/page/check/pin';

function memoryOf(): Memory & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => void texts.set(key, value),
  };
}
const note = (root: string, signature = 's') => `origin\n3\n${root}\n\n— origin ${signature}\n`;

describe('Pin', () => {
  it('has nothing to say on the first visit, nor where nothing has changed', () => {
    const pin = new Pin(memoryOf(), 'origin');
    expect(pin.compare('key', { size: 3, note: note('a') })).toEqual([]);
    pin.remember('key', { size: 3, note: note('a') });
    expect(pin.compare('key', { size: 3, note: note('a', 'another') })).toEqual([]);
    expect(pin.compare('key', { size: 4, note: note('b') })).toEqual([]);
  });

  it('tells of another key, a smaller checkpoint, another one of the same size, and none', () => {
    const pin = new Pin(memoryOf(), 'origin');
    pin.remember('key', { size: 3, note: note('a') });
    expect(pin.compare('other', { size: 9, note: '' })).toEqual([
      { kind: 'key', before: 'key', now: 'other' },
    ]);
    expect(pin.compare('key', { size: 2, note: note('b') })).toEqual([{ kind: 'shrunk', before: 3, now: 2 }]);
    expect(pin.compare('key', { size: 3, note: note('b') })).toEqual([{ kind: 'rewritten', size: 3 }]);
    expect(pin.compare('key', null)).toEqual([{ kind: 'shrunk', before: 3, now: 0 }]);
    expect(pin.compare(null, null)).toEqual([{ kind: 'unsigned' }]);
  });

  it('keeps trails apart', () => {
    const memory = memoryOf();
    new Pin(memory, 'one').remember('key', { size: 3, note: '' });
    expect(new Pin(memory, 'two').compare('other', null)).toEqual([]);
  });

  it('does without a memory, with a full one, and with nonsense in it', () => {
    const full: Memory = {
      getItem: () => '{"size":',
      setItem: () => {
        throw new Error('full');
      },
    };
    for (const memory of [null, full]) {
      const pin = new Pin(memory, 'origin');
      pin.remember('key', { size: 3, note: '' });
      expect(pin.compare('other', null)).toEqual([]);
    }
  });
});
