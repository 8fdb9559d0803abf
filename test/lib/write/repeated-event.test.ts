import { RepeatedEvent } from '../../../lib/write/repeated-event';
import { repeatablesBy, START } from '../../support/refused';

const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();
const first = () => repeatablesBy(() => START)().draft();

describe('a fold', () => {
  it('of one event counts one, from and to its time', () => {
    const drafted = first();
    const { draft } = RepeatedEvent.first(drafted).end();
    expect(draft).toEqual({ ...drafted.draft, metadata: { count: 1, from: at(0), to: at(0) } });
  });

  it('has the id and the time of the first, and counts the others', () => {
    const drafted = first();
    const fold = RepeatedEvent.first(drafted);
    fold.repeat(at(5));
    fold.repeat(at(70));
    const { draft, occurredAtGiven } = fold.end();
    expect(fold.id).toBe(drafted.draft.id);
    expect(draft).toMatchObject({ id: drafted.draft.id, occurredAt: at(0), actor: 'eve' });
    expect(draft.metadata).toEqual({ count: 3, from: at(0), to: at(70) });
    expect(occurredAtGiven).toBe(true); // two that count the same are the same event only with the same time
  });

  it('replaces what the first says of itself, and does not keep it either', () => {
    const drafted = first();
    const values = { metadata: { completed: false }, before: 1, after: null };
    Object.assign(drafted.draft, values);
    const fold = RepeatedEvent.first(drafted);
    for (const name of Object.keys(values)) expect(fold.first.draft).not.toHaveProperty(name);
    expect(fold.end().draft).toEqual({
      ...first().draft,
      id: fold.id,
      metadata: { count: 1, from: at(0), to: at(0) },
    });
    expect(drafted.draft).toMatchObject(values);
  });

  it('ends no earlier than it begins when the clock is put back', () => {
    const fold = RepeatedEvent.first(first());
    fold.repeat(at(-30_000));
    expect(fold.end().draft.metadata).toEqual({ count: 2, from: at(0), to: at(0) });
    fold.repeat(at(20));
    fold.repeat(at(10));
    expect(fold.end().draft.metadata).toEqual({ count: 4, from: at(0), to: at(20) });
  });
});
