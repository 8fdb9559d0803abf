import { EventEmitter, once } from 'node:events';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { currentScope, runInScope, type Scope } from '../../lib/scope';

const scope = (endedAt: number | null = null): Scope => ({
  origin: () => ({}),
  recorded: () => undefined,
  endedAt,
});

describe('currentScope', () => {
  it('is none outside of a request', () => {
    expect(currentScope(0)).toBeNull();
  });

  it('is that of the innermost call, and what was before afterwards', () => {
    const [outer, inner] = [scope(), scope()];
    runInScope(outer, () => {
      expect(runInScope(inner, () => currentScope(0))).toBe(inner);
      expect(currentScope(0)).toBe(outer);
    });
    expect(currentScope(0)).toBeNull();
  });

  it('ends with a call that throws, and passes its error on', () => {
    expect(() => runInScope(scope(), () => JSON.parse('{') as unknown)).toThrow(SyntaxError);
    expect(currentScope(0)).toBeNull();
  });

  it('gives what the call gives', () => {
    expect(runInScope(scope(), () => 42)).toBe(42);
  });

  it('reaches through await, timers, ticks and emitters', async () => {
    const emitter = new EventEmitter();
    const seen: (Scope | null)[] = [];
    const see = () => seen.push(currentScope(0));
    const own = scope();
    await runInScope(own, async () => {
      await turn();
      see();
      await wait(1);
      see();
      await new Promise<void>((resolve) => process.nextTick(() => resolve(void see())));
      emitter.once('here', see);
      emitter.emit('here');
      const there = once(emitter, 'there');
      queueMicrotask(() => emitter.emit('there'));
      await there;
      see();
    });
    expect(seen).toEqual([own, own, own, own, own]);
    expect(seen.every((one) => one === own)).toBe(true);
  });

  it('keeps calls that run at the same time apart', async () => {
    const scopes = Array.from({ length: 20 }, () => scope());
    const seen = await Promise.all(
      scopes.map((one) =>
        runInScope(one, async () => {
          await turn();
          return currentScope(0);
        }),
      ),
    );
    seen.forEach((one, i) => expect(one).toBe(scopes[i]));
  });

  it('ends 30 s after the response', () => {
    const ended = scope(1_000);
    runInScope(ended, () => {
      expect(currentScope(1_000)).toBe(ended);
      expect(currentScope(31_000)).toBe(ended);
      expect(currentScope(31_001)).toBeNull();
    });
  });

  it('does not end while the response is under way, however long', () => {
    const open = scope();
    runInScope(open, () => expect(currentScope(Number.MAX_SAFE_INTEGER)).toBe(open));
  });

  it('counts from an end at the beginning of time, too', () => {
    runInScope(scope(0), () => expect(currentScope(30_001)).toBeNull());
  });
});
