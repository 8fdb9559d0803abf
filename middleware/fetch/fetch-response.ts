import type { ResponseObserver, ResponsePort } from '../http/ports';

/** Statuses whose responses have no body; `Response` refuses one with them. */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/** A server that tells when it has sent a response, or when its client was gone. */
export interface SendingServer {
  whenSent(sent: (isCompleted: boolean) => void): void;
}

/**
 * A response of the Fetch standard: known once the handler has given it, and over when its body was read to its end, or when
 * the client was gone.
 */
export class FetchResponse implements ResponsePort {
  readonly observers: ResponseObserver[] = [];
  readonly hasConnection = true;
  private readonly waiting: ((isCompleted: boolean) => void)[] = [];
  private sent: { status: number; headers: Headers } | undefined;
  private bytes = 0;
  private completed: boolean | undefined;
  private hasEnded = false;

  /** @param request the signal of which tells that its client is gone */
  constructor(private readonly request: Pick<Request, 'method' | 'signal'>) {}

  get isAnswered(): boolean {
    return this.sent !== undefined;
  }

  get isEnded(): boolean {
    return this.hasEnded;
  }

  get status(): number {
    return this.sent?.status ?? 200;
  }

  header(name: string): unknown {
    return this.sent?.headers.get(name) ?? undefined;
  }

  bytesSent(): number {
    return this.bytes;
  }

  whenOver(over: (isCompleted: boolean) => void): void {
    if (this.completed !== undefined) over(this.completed);
    else this.waiting.push(over);
  }

  is(response: unknown): boolean {
    return response === this;
  }

  /**
   * Takes what the handler has answered.
   * @param server tells when the response is sent, on runtimes that have such a server: then the body is left alone which
   * nobody waits for, or it would become a stream of unknown length
   * @returns the same response, whose body is counted as it is read
   */
  answer(response: Response, server?: SendingServer): Response {
    this.settle(response.status, response.headers);
    if (server && this.waiting.length === 0) {
      server.whenSent((isCompleted) => {
        this.end();
        this.over(isCompleted);
      });
      return response;
    }
    const { body } = response;
    if (body === null || body.locked || this.request.method === 'HEAD' || BODILESS.has(response.status)) {
      this.end();
      this.over(!this.request.signal.aborted);
      return response;
    }
    const { status, statusText, headers } = response;
    return new Response(this.counted(body), { status, statusText, headers });
  }

  /** Takes an answer that the framework makes itself, such as the one for what a handler has thrown. */
  answered(status: number, headers = new Headers()): void {
    this.settle(status, headers);
    this.end();
    this.over(!this.request.signal.aborted);
  }

  private settle(status: number, headers: Headers): void {
    this.sent = { status, headers };
    for (const observer of this.observers) observer.headed();
  }

  private end(): void {
    this.hasEnded = true;
    for (const observer of this.observers) observer.ended();
  }

  private over(isCompleted: boolean): void {
    if (this.completed !== undefined) return;
    this.completed = isCompleted;
    for (const over of this.waiting.splice(0)) over(isCompleted);
  }

  /** Passes on a body as it is asked for. Not as a stream of bytes: that would take away buffers which others share. */
  private counted(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const { signal } = this.request;
    const gone = () => this.over(false);
    const done = (isCompleted: boolean) => {
      signal.removeEventListener('abort', gone);
      this.end();
      this.over(isCompleted);
    };
    // Some servers never read, and never cancel, what is for nobody.
    if (signal.aborted) gone();
    else signal.addEventListener('abort', gone, { once: true });
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done: isDone, value } = await reader.read();
            if (isDone) {
              done(true);
              return controller.close();
            }
            this.bytes += value.byteLength;
            controller.enqueue(value);
          } catch (error) {
            done(false);
            controller.error(error);
          }
        },
        cancel: async (reason) => {
          done(false);
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }
}
