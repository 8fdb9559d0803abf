import type { Source } from './live';

type Listener = (event: { data?: unknown }) => void;

/** Asks for a stream, with the headers of a request of the page. */
export type AskStream = (
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<Response>;

/** How long to wait until a stream that broke is asked for again, in milliseconds, where the server has not said. */
const RETRY = 2_000;

const [OPEN, CLOSED] = [1, 2];

/** Server-sent events for pages whose requests bear a token: an `EventSource` takes no headers. */
export class FetchSource implements Source {
  readyState = 0;
  private readonly listeners = new Map<string, Listener[]>();
  private readonly ended = new AbortController();
  private lastId = '';
  private retry = RETRY;

  constructor(
    private readonly url: string,
    private readonly ask: AskStream,
  ) {
    void this.run();
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = CLOSED;
    this.ended.abort();
  }

  private isEnded(): boolean {
    return this.ended.signal.aborted;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // who made it adds its listeners first
    while (!this.isEnded()) {
      const isOver = await this.read().catch(() => false);
      if (this.isEnded()) return;
      if (isOver) this.close();
      else this.readyState = 0;
      this.emit('error', {});
      if (!isOver) await new Promise((resolve) => setTimeout(resolve, this.retry));
    }
  }

  /** Reads one connection to its end. True where the server refuses: it is not asked again. */
  private async read(): Promise<boolean> {
    const headers = {
      Accept: 'text/event-stream',
      ...(this.lastId !== '' && { 'Last-Event-ID': this.lastId }),
    };
    const response = await this.ask(this.url, headers, this.ended.signal);
    if (!response.ok || !response.body) return response.status >= 400 && response.status < 500;
    this.readyState = OPEN;
    this.emit('open', {});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    let type = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name === 'id') this.lastId = value;
      else if (name === 'event') type = value;
      else if (name === 'data') data.push(value);
      else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    }
    if (data.length > 0) this.emit(type, { data: data.join('\n') });
  }

  private emit(type: string, event: { data?: unknown }): void {
    for (const listener of this.listeners.get(type) ?? []) listener(event);
  }
}
