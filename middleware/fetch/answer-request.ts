import type { Answer } from '../http/api/answer';
import type { Answering } from '../http/api/answering';
import type { Asked, Client } from '../http/api/asked';
import { pageOf } from '../http/api/viewer-files';
import { readBody } from './read-body';
import type { Identify } from '../http/identity';

/** Where a request to the trail is below its mount, and who it is from. */
export interface Mounted {
  /** The path below the mount, as it was sent; empty for the mount itself. */
  path: string;
  /** The path of the mount itself, as the client sees it. */
  mount: string;
  /** What `identify`, `tenant` and `authorize` are given; the request when left out. */
  source?: object;
  /** Reads the identity where neither the router nor the request's capture was told how. */
  convention?: Identify | undefined;
  /** Tells that the server is about to stop, and waits for answers to end. Asked for by answers that last. */
  stopping?: () => AbortSignal;
  /** The object by which the request's scope is found; the request when left out. */
  holder?: object;
  /** The client's address, where the framework knows it. */
  address?: string | undefined;
}

/** Answers a request of the Fetch standard from the trail. */
export async function answerRequest(
  api: Answering,
  request: Request,
  { path, mount, source = request, convention, holder = request, stopping, address }: Mounted,
): Promise<Response> {
  const connection = new Connection(request.signal, stopping);
  const asked: Asked = {
    method: request.method,
    path,
    query: new URL(request.url).search.slice(1),
    // Not the mount with a slash: there are frameworks that take it away again.
    page: pageOf(mount, 'trail.html') ?? './trail.html',
    source,
    holder,
    convention,
    client: connection,
    address,
    body: (limit) => readBody(request, limit),
    header: (name) => request.headers.get(name) ?? undefined,
  };
  const answer = await api.answer(asked);
  return toResponse(answer, request.method, connection, (error) => api.report(error));
}

function toResponse(
  { status, headers, body }: Answer,
  method: string,
  connection: Connection,
  report: (error: unknown) => void,
): Response {
  const isBare = method === 'HEAD';
  if (body === null || typeof body === 'string')
    return new Response(isBare ? null : body, { status, headers });
  return new Response(connection.stream(body, report), { status, headers });
}

/** The client, as far as its request's signal and the reading of the body tell of it. */
class Connection implements Client {
  private readonly watchers = new Set<() => void>();
  private portions: AsyncIterator<string | Uint8Array> | undefined;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  private isGone = false;

  constructor(
    signal: AbortSignal,
    private readonly stopping?: () => AbortSignal,
  ) {
    if (signal.aborted) this.gone();
    else signal.addEventListener('abort', () => this.gone(), { once: true });
  }

  whenLeft(left: () => void): () => void {
    if (this.isGone) left();
    this.watchers.add(left);
    return () => this.watchers.delete(left);
  }

  /** What was given to a runtime is its own to send. */
  takesLast(): void {
    return;
  }

  whenGone(gone: () => void): () => void {
    const unwatch = this.whenLeft(gone);
    const stopping = this.stopping?.();
    if (stopping?.aborted) gone();
    stopping?.addEventListener('abort', gone, { once: true });
    return () => {
      unwatch();
      stopping?.removeEventListener('abort', gone);
    };
  }

  drop(): void {
    this.controller?.error(new Error('The client did not read'));
    this.gone();
    this.end().catch(() => undefined); // nobody is there to be told
  }

  stream(
    body: AsyncIterable<string | Uint8Array>,
    report: (error: unknown) => void,
  ): ReadableStream<Uint8Array> {
    const portions = body[Symbol.asyncIterator]();
    this.portions = portions;
    const encoder = new TextEncoder();
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: async (controller) => {
          try {
            const step = await portions.next();
            if (this.isGone) return;
            if (step.done) return controller.close();
            const { value } = step;
            controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
          } catch (error) {
            if (!this.isGone) report(error);
            controller.error(error);
          }
        },
        cancel: async () => {
          this.gone();
          await this.end();
        },
      },
      { highWaterMark: 0 },
    );
  }

  private async end(): Promise<void> {
    await this.portions?.return?.();
  }

  private gone(): void {
    if (this.isGone) return;
    this.isGone = true;
    for (const watcher of this.watchers) watcher();
  }
}
