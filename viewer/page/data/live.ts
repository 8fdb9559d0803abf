import type { Entry } from '../../../lib/chain/entry';
import { Emitter } from './emitter';

export type LiveState = 'off' | 'connecting' | 'live' | 'lost';

/** What is used of an EventSource. */
export interface Source {
  readyState: number;
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

const CLOSED = 2;

/** When a stream that the server refused is asked for again. */
const RETRY = 30_000;

/** How long a page is hidden until its stream ends. */
const REST = 60_000;

/** Listens for entries as they happen. A browser connects again by itself, unless the server refused. */
export class Live extends Emitter {
  state: LiveState = 'off';
  private source: Source | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private url: string | null = null;
  /** What is listened to again when somebody looks. */
  private paused: string | null = null;

  constructor(
    private readonly connect: (url: string) => Source,
    private readonly entry: (entry: Entry) => void,
    /** Called at each connection: something may have happened before. */
    private readonly connected: () => void,
  ) {
    super();
  }

  open(url: string): void {
    this.close();
    const source = this.connect(url);
    this.source = source;
    this.url = url;
    this.become('connecting');
    source.addEventListener('open', () => {
      this.become('live');
      this.connected();
    });
    source.addEventListener('entry', ({ data }) => this.entry(JSON.parse(String(data)) as Entry));
    source.addEventListener('error', () => {
      this.become('lost');
      if (source.readyState === CLOSED) this.timer = setTimeout(() => this.open(url), RETRY);
    });
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.url = null;
    this.paused = null;
    this.become('off');
  }

  /**
   * Takes whether somebody can see the page. On HTTP/1.1 a browser has six connections to a server for all its tabs:
   * one that is hidden gives its own back.
   */
  setHidden(isHidden: boolean): void {
    clearTimeout(this.rest);
    if (isHidden) this.rest = setTimeout(() => this.pause(), REST);
    else if (this.paused !== null) this.open(this.paused);
  }

  private pause(): void {
    const { url } = this;
    this.close();
    this.paused = url;
  }

  private become(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }
}
