import type { Entry } from '../../index';

/** A server-sent event. */
export interface SentEvent {
  name: string;
  id: string | null;
  data: string;
}

/** Reads a stream of server-sent events (HTML Living Standard, 9.2). */
export class EventReader {
  /** Where the stream says that a reader goes on. */
  lastEventId = '';
  /** Bytes that are comments. */
  comments = 0;
  private readonly leave = new AbortController();
  private events: AsyncGenerator<SentEvent> | undefined;

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** Resolves when the stream has said where it begins. */
  async open(): Promise<this> {
    const response = await fetch(this.url, { headers: this.headers, signal: this.leave.signal });
    if (response.status !== 200 || !response.body)
      throw new Error(`${response.status}: ${await response.text()}`);
    this.events = this.read(response.body);
    await this.next();
    return this;
  }

  /** The next event; null when the stream has ended. The first one has an id alone, as have some others. */
  async next(): Promise<SentEvent | null> {
    const { value, done } = await this.events!.next();
    return done ? null : value;
  }

  /** So many entries as they come. */
  async entries(count: number): Promise<Entry[]> {
    const entries: Entry[] = [];
    while (entries.length < count) {
      const event = await this.next();
      if (event?.name === 'message' && event.data === '') continue;
      if (event?.name !== 'entry') throw new Error(`Not an entry: ${JSON.stringify(event)}`);
      entries.push(JSON.parse(event.data) as Entry);
    }
    return entries;
  }

  /** Goes away, as a closed tab does. */
  close(): void {
    this.leave.abort();
  }

  private async *read(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent> {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream()) as AsyncIterable<string>) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        if (block.startsWith(':')) this.comments += block.length;
        else yield this.event(block);
      }
    }
  }

  private event(block: string): SentEvent {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
    const id = fields.get('id') ?? null;
    if (id !== null) this.lastEventId = id;
    return { name: fields.get('event') ?? 'message', id, data: fields.get('data') ?? '' };
  }
}
