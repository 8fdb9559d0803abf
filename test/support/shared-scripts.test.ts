import vm from 'node:vm';
import { sharingScripts } from './shared-scripts';

type Compile = typeof vm.compileFunction;
type Compiled = (this: unknown, ...given: unknown[]) => unknown;

const shared = sharingScripts(vm.compileFunction);
const compileBy =
  (given: Compile) =>
  (...[source, ...rest]: Parameters<Compile>): Compiled =>
    given(source, ...rest) as Compiled;
const compile = compileBy(shared);
const contextWith = (globals: object) => vm.createContext(globals);

describe('sharingScripts', () => {
  it('runs a file in each context with the globals of that context', () => {
    const read = (parsingContext: vm.Context, given: number): unknown =>
      compile('return [name, given];', ['given'], { filename: '/a.js', parsingContext })(given);
    expect(read(contextWith({ name: 'first' }), 1)).toEqual(['first', 1]);
    expect(read(contextWith({ name: 'second' }), 2)).toEqual(['second', 2]);
  });

  it('shares no state between two contexts', () => {
    const options = () => ({ filename: '/b.js', parsingContext: contextWith({}) });
    const count = (): unknown => (compile('let n = 0; return () => ++n;', [], options())() as Compiled)();
    expect([count(), count()]).toEqual([1, 1]);
  });

  it('runs what the file is now, not what it was', () => {
    const options = { filename: '/c.js', parsingContext: contextWith({}) };
    expect(compile('return 1;', [], options)()).toBe(1);
    expect(compile('return 2;', [], options)()).toBe(2);
    expect(compile('return a;', ['a'], options)(3)).toBe(3);
  });

  it('keeps to strict mode where the file asks for it', () => {
    const options = { filename: '/d.js', parsingContext: contextWith({}) };
    expect(compile('"use strict"; return this;', [], options).call(undefined)).toBeUndefined();
  });

  it.each(['throw new Error("here");', '\n\n  throw new Error("here");'])(
    'says the same places in a stack as without it: %j',
    (source) => {
      const place = (given: Compile): string => {
        const options = { filename: '/e.js', parsingContext: contextWith({}) };
        try {
          return String(compileBy(given)(source, ['module'], options)());
        } catch (error) {
          return /e\.js:\d+:\d+/.exec((error as Error).stack ?? '')![0];
        }
      };
      expect(place(shared)).toBe(place(vm.compileFunction));
    },
  );

  it('leaves what has no name or no context of its own to Node.js', () => {
    expect(compile('return 1;')()).toBe(1);
  });
});
