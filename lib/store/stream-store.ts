/** A place in a tenant's chain. */
export interface ChainPlace {
  tenantId: string;
  seq: number;
}

/** An entry that a destination refused, or that could not be given to it. */
export interface SetAside extends ChainPlace {
  /** The entry's id; that of its document where it is no entry any more. */
  id: string;
  reason: string;
  /** In milliseconds since 1970. */
  at: number;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Whether a value can name a stream. */
export function isStreamName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

/** What all processes know of a stream. */
export interface StreamRow {
  name: string;
  isPaused: boolean;
  /** How often its cursors were set back: who delivers reads them anew when it changes. */
  replays: number;
  /** What the stream is, as JSON: where to, what of, in which form. Nothing secret. */
  description: string;
  /** How it goes, as JSON, as the process that delivers told it last; null before the first word. */
  progress: string | null;
  /** When it was first known, in milliseconds since 1970. */
  since: number;
}

/** A cursor that moves: `from` is where it was seen, null where there was none, `any` wherever it is. */
export interface CursorMove {
  tenantId: string;
  from: number | null | 'any';
  to: number;
}

/** What tells of new entries. */
export interface ChainWatch {
  /** Resolves when it tells no more. */
  ended: Promise<unknown>;
  close(): Promise<void>;
}

/** What streams to other systems need: which chains have grown, how far each stream is, and what was set aside. */
export interface StreamStore {
  /** The tenants that have entries. Reads an index, in a time that grows with the number of tenants. */
  tenants(): Promise<string[]>;
  /** Of the places those whose chains go on behind them, each a number further: one read of the unique index a place. */
  grown(places: readonly ChainPlace[]): Promise<ChainPlace[]>;
  /**
   * Calls with the place of each entry that any process stores from now on. Null where the server tells nobody. What it
   * tells is a hint: some of it may be lost, or undone.
   */
  watchChains(told: (place: ChainPlace) => void): Promise<ChainWatch | null>;
  /** A text that changes with each `changeStream`, `addStream` and `removeStream`: one small read tells whether to read the rows anew. */
  streamsVersion(): Promise<string>;
  streams(): Promise<StreamRow[]>;
  findStream(name: string): Promise<StreamRow | null>;
  /** False when there is one of that name. */
  addStream(row: StreamRow): Promise<boolean>;
  /** Changes a row for other processes to see; one that is not there is left so. */
  changeStream(
    name: string,
    change: Partial<Pick<StreamRow, 'isPaused' | 'replays' | 'description'>>,
  ): Promise<void>;
  /** Tells how it goes. */
  reportStream(name: string, progress: string): Promise<void>;
  /** Forgets a stream, with its cursors and what was set aside. */
  removeStream(name: string): Promise<void>;
  /** How far the destination has each tenant's entries. */
  cursors(stream: string): Promise<ChainPlace[]>;
  /** Moves cursors, durable with `w: majority`. False when one of them was not where it was seen; others may have moved. */
  moveCursors(stream: string, moves: readonly CursorMove[]): Promise<boolean>;
  /** Keeps what was set aside, each entry once. */
  addSetAside(stream: string, entries: readonly SetAside[]): Promise<void>;
  /** What was set aside, by tenant and number, behind a place. */
  readSetAside(stream: string, limit: number, behind?: ChainPlace): Promise<SetAside[]>;
  countSetAside(stream: string): Promise<number>;
  removeSetAside(stream: string, places: readonly ChainPlace[]): Promise<void>;
}
