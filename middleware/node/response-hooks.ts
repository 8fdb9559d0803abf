/** Functions that are called when the application calls methods of a response. They must not throw. */
export interface Hooks {
  /** The application has passed bytes of the body to `write` or `end`. */
  writing(bytes: number): void;
  /** Bytes that were passed to `write` have been sent. */
  written(bytes: number): void;
  /** Before `writeHead`. Its last argument may be headers. */
  heading(headers: unknown): void;
  /** After `writeHead`. */
  headed(): void;
  /** After `end`. */
  ended(): void;
}

type Callback = (error?: Error | null) => void;
type Method = (this: object, ...args: unknown[]) => unknown;
type Name = 'write' | 'end' | 'writeHead';

/** The hooks of one response, and what it called before. */
interface Hooked {
  readonly res: object;
  readonly hooks: Hooks;
  /** Methods of its own that the response had: other middleware has replaced them. */
  readonly own: Partial<Record<Name, Method>> | null;
  /** Whether `end` is running: that of HTTP/2 calls `write`. */
  isEnding: boolean;
}

const HOOKED = Symbol('express-audit-ledger: hooks');

/**
 * Lets `hooks` know of calls to one response: of this one alone, since frameworks and bridges share prototypes among
 * responses of different kinds. They do not show among the response's enumerable members.
 */
export function hookResponse(res: object, hooks: Hooks): void {
  const hooked: Hooked = { res, hooks, own: ownMethods(res), isEnding: false };
  Object.defineProperty(res, HOOKED, { value: hooked });
  // Descriptors that all responses share, one by one: closures, and `defineProperties`, take twice as long.
  for (const name of NAMES) Object.defineProperty(res, name, DESCRIPTORS[name]);
}

function ownMethods(res: object): Hooked['own'] {
  const names = NAMES.filter((name) => Object.hasOwn(res, name));
  if (names.length === 0) return null;
  return Object.fromEntries(names.map((name) => [name, (res as Record<Name, Method>)[name]]));
}

const METHODS: Record<Name, Method> = {
  write(...args) {
    const { hooked, original } = find(this, 'write');
    if (!hooked || hooked.isEnding) return original.apply(this, args);
    const { hooks } = hooked;
    const bytes = isEnded(this) ? 0 : byteLength(args[0], args[1]);
    hooks.writing(bytes);
    return original.apply(
      this,
      withCallback(args, (error) => hooks.written(error ? 0 : bytes)),
    );
  },
  end(...args) {
    const { hooked, original } = find(this, 'end');
    if (!hooked || hooked.isEnding) return original.apply(this, args);
    if (!isEnded(this)) hooked.hooks.writing(byteLength(args[0], args[1]));
    hooked.isEnding = true;
    try {
      return original.apply(this, args);
    } finally {
      hooked.isEnding = false;
      hooked.hooks.ended();
    }
  },
  writeHead(...args) {
    const { hooked, original } = find(this, 'writeHead');
    if (!hooked) return original.apply(this, args);
    hooked.hooks.heading(args.at(-1));
    const result = original.apply(this, args);
    hooked.hooks.headed();
    return result;
  },
};

const NAMES = Object.keys(METHODS) as Name[];

const DESCRIPTORS = Object.fromEntries(
  NAMES.map((name) => [
    name,
    { value: METHODS[name], enumerable: false, writable: true, configurable: true },
  ]),
) as Record<Name, PropertyDescriptor>;

/** The hooks of a response. */
export function hooksOf(res: object): Hooks | undefined {
  return (res as { [HOOKED]?: Hooked })[HOOKED]?.hooks;
}

/** The response's own method; else that of its prototype at the time of the call, which Express replaces. */
function find(res: object, name: Name): { hooked: Hooked | undefined; original: Method } {
  const hooked = (res as { [HOOKED]?: Hooked })[HOOKED];
  const own = hooked?.own?.[name];
  const prototype = Object.getPrototypeOf(hooked?.res ?? res) as Record<Name, Method>;
  return { hooked, original: own ?? prototype[name] };
}

function isEnded(res: unknown): boolean {
  return (res as { writableEnded?: boolean }).writableEnded === true;
}

function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

/** The arguments of `write`, with a callback that also calls `counted`. */
function withCallback(args: unknown[], counted: Callback): unknown[] {
  const position = args.findIndex((argument, i) => i > 0 && typeof argument === 'function');
  const given = args[position] as Callback | undefined;
  const callback: Callback = (error) => {
    counted(error);
    given?.(error);
  };
  return [...(position < 0 ? args.slice(0, 2) : args.slice(0, position)), callback];
}
