/** Functions that are called when the application calls methods of a response. */
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
type Methods = Record<'write' | 'end' | 'writeHead', Method>;

const hookMethods = new WeakSet<Method>();

/** Whether the methods of a response call hooks. */
export function isHooked(res: object): boolean {
  const { write, end, writeHead } = res as Methods;
  return hookMethods.has(end) && hookMethods.has(write) && hookMethods.has(writeHead);
}

/** Replaces the methods of a response, or of a prototype of responses, with methods that call the hooks of `hooksOf`. */
export function hook(target: object, hooksOf: (res: object) => Hooks | undefined): void {
  const { write, end, writeHead } = target as Methods;
  const methods: Methods = {
    write(...args) {
      const hooks = hooksOf(this);
      if (!hooks) return write.apply(this, args);
      const bytes = (this as { writableEnded?: boolean }).writableEnded ? 0 : byteLength(args[0], args[1]);
      hooks.writing(bytes);
      return write.apply(
        this,
        withCallback(args, (error) => hooks.written(error ? 0 : bytes)),
      );
    },
    end(...args) {
      const hooks = hooksOf(this);
      if (!hooks) return end.apply(this, args);
      if (!(this as { writableEnded?: boolean }).writableEnded) hooks.writing(byteLength(args[0], args[1]));
      end.apply(this, args);
      hooks.ended();
      return this;
    },
    writeHead(...args) {
      const hooks = hooksOf(this);
      if (!hooks) return writeHead.apply(this, args);
      hooks.heading(args.at(-1));
      const result = writeHead.apply(this, args);
      hooks.headed();
      return result;
    },
  };
  for (const method of Object.values(methods)) hookMethods.add(method);
  Object.assign(target, methods);
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
