import { EventEmitter, once } from 'node:events';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { currentScope, isWithin, runInScope, type Scope, scopeOf } from '../../lib/scope';

const scope = (isOver = false): Scope => ({ origin: () => ({}), recorded: () => undefined, isOver });

describe('currentScope', () => {
  it('is none outside of a request', () => {
    expect(currentScope()).toBeNull();
  });

  it('is that of the innermost call, and what was before afterwards', () => {
    const [outer, inner] = [scope(), scope()];
    runInScope(outer, () => {
      expect(runInScope(inner, () => currentScope())).toBe(inner);
      expect(currentScope()).toBe(outer);
    });
    expect(currentScope()).toBeNull();
  });

  it('ends with a call that throws, and passes its error on', () => {
    expect(() => runInScope(scope(), () => JSON.parse('{') as unknown)).toThrow(SyntaxError);
    expect(currentScope()).toBeNull();
  });

  it('gives what the call gives', () => {
    expect(runInScope(scope(), () => 42)).toBe(42);
  });

  it('reaches through await, timers, ticks and emitters', async () => {
    const emitter = new EventEmitter();
    const seen: (Scope | null)[] = [];
    const see = () => seen.push(currentScope());
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
          return currentScope();
        }),
      ),
    );
    seen.forEach((one, i) => expect(one).toBe(scopes[i]));
  });

  it('ends when the application has answered', () => {
    runInScope(scope(true), () => expect(currentScope()).toBeNull());
  });

  it('is over with its own request, not with that around it', () => {
    runInScope(scope(true), () => {
      const job = scopeOf({ actor: 'mailer', tenantId: 'acme' });
      runInScope(job, () => expect(currentScope()?.origin()).toEqual({ actor: 'mailer', tenantId: 'acme' }));
    });
  });
});

describe('isWithin', () => {
  it('knows a scope from within it, and from a scope that began in it', () => {
    const [one, other] = [scope(), scope()];
    expect(isWithin(one)).toBe(false);
    runInScope(one, () => {
      runInScope(scopeOf({}), () => expect([isWithin(one), isWithin(other)]).toEqual([true, false]));
      runInScope(other, () => expect(isWithin(one)).toBe(false));
    });
  });
});
