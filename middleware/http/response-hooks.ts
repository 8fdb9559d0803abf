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
  /** Before `end`. */
  ending(): void;
  /** After `end`. */
  ended(): void;
}

type Callback = (error?: Error | null) => void;
type Method = (this: unknown, ...args: unknown[]) => unknown;
type Name = 'write' | 'end' | 'writeHead';

/**
 * Lets `hooks` know of calls to one response: of this one alone, since frameworks and bridges share prototypes among
 * responses of different kinds. They do not show among the response's enumerable members.
 */
export function hookResponse(res: object, hooks: Hooks): void {
  const write = methodOf(res, 'write');
  const end = methodOf(res, 'end');
  const writeHead = methodOf(res, 'writeHead');
  let isEnding = false; // HTTP/2's `end` calls `write`
  replace(res, 'write', function (...args) {
    if (isEnding) return write.apply(this, args);
    const bytes = isEnded(this) ? 0 : byteLength(args[0], args[1]);
    hooks.writing(bytes);
    return write.apply(
      this,
      withCallback(args, (error) => hooks.written(error ? 0 : bytes)),
    );
  });
  replace(res, 'end', function (...args) {
    if (isEnding) return end.apply(this, args);
    hooks.ending();
    if (!isEnded(this)) hooks.writing(byteLength(args[0], args[1]));
    isEnding = true;
    try {
      return end.apply(this, args);
    } finally {
      isEnding = false;
      hooks.ended();
    }
  });
  replace(res, 'writeHead', function (...args) {
    hooks.heading(args.at(-1));
    const result = writeHead.apply(this, args);
    hooks.headed();
    return result;
  });
}

/** The response's own method; else that of its prototype at the time of the call, which Express replaces. */
function methodOf(res: object, name: Name): Method {
  if (Object.hasOwn(res, name)) return (res as Record<Name, Method>)[name];
  return function (...args) {
    return (Object.getPrototypeOf(res) as Record<Name, Method>)[name].apply(this, args);
  };
}

function replace(res: object, name: Name, value: Method): void {
  const enumerable = Object.hasOwn(res, name);
  Object.defineProperty(res, name, { value, enumerable, writable: true, configurable: true });
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
