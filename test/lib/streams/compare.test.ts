import { compareTenant, describeRuns, NumberSet } from '../../../lib/streams/compare';
import { MemoryStore } from '../../../models/memory/memory-store';
import { chain } from '../../conformance/given';

const task = { stream: 's', description: {}, tenantId: 't', cursor: 10, from: 1 };

describe('the comparison', () => {
  it('names what is missing, in runs, and what was set aside', async () => {
    const store = new MemoryStore();
    await store.addSetAside(
      's',
      [4, 12].map((seq) => ({ tenantId: 't', seq, id: '', reason: '', at: 0 })),
    );
    await store.addSetAside('s', [{ tenantId: 'u', seq: 7, id: '', reason: '', at: 0 }]);
    const numbers = new NumberSet(10);
    numbers.add(1, 3);
    numbers.add(8);
    numbers.add(1_000_000_000_000); // of no entry: nothing is kept of it
    const found = await compareTenant({ ...task, numbers }, store);
    expect(found).toEqual({
      tenantId: 't',
      expected: 10,
      missing: [
        [5, 7],
        [9, 10],
      ],
      missingCount: 5,
      setAside: [4],
    });
    expect(describeRuns([...found.missing, [12, 12]])).toBe('5-7, 9-10, 12');
  });

  it('expects of a stream with a filter what that lets through', async () => {
    const store = new MemoryStore();
    await store.append(chain('t', 12, undefined, (n) => ({ action: n % 3 === 0 ? 'auth.login' : 'x' })));
    const numbers = new NumberSet(10);
    numbers.add(3);
    const description = { filter: { action: 'auth.*' } };
    const found = await compareTenant({ ...task, description, numbers }, store);
    expect(found).toMatchObject({
      expected: 3,
      missing: [
        [6, 6],
        [9, 9],
      ],
    });
  });
});
