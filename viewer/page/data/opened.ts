import type { Entry } from '../../../lib/chain/entry';
import type { Api } from './api';
import { Emitter } from './emitter';
import { asFailure, type Failure, isAbort } from './failure';
import type { Broken } from './items';

/** The entry that is shown in full. */
export class Opened extends Emitter {
  entry: Entry | null = null;
  /** What stands where an entry should be. */
  fault: Broken | null = null;
  failure: Failure | null = null;
  isLoading = false;

  private aborter = new AbortController();
  private last: string | number | null = null;

  constructor(
    private readonly api: Api,
    private readonly loaded: (seq: number) => Entry | null,
  ) {
    super();
  }

  get isOpen(): boolean {
    return this.entry !== null || this.fault !== null || this.isLoading || this.failure !== null;
  }

  show(entry: Entry): void {
    this.become({ entry });
  }

  showFault(fault: Broken): void {
    this.become({ fault });
  }

  close(): void {
    this.become({});
  }

  /** Fetches the entry with an id or a number; gives null when there is none, or another one is wanted meanwhile. */
  async fetch(name: string | number): Promise<Entry | null> {
    const loaded = typeof name === 'number' ? this.loaded(name) : null;
    if (loaded) {
      this.show(loaded);
      return loaded;
    }
    this.become({ isLoading: true });
    this.last = name;
    const { signal } = this.aborter;
    try {
      const entry = await (typeof name === 'number'
        ? this.api.numbered(name, signal)
        : this.api.entry(name, signal));
      if (signal.aborted) return null;
      this.become({ entry });
      return entry;
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.become({ failure: asFailure(error) });
      return null;
    }
  }

  async retry(): Promise<Entry | null> {
    return this.last === null ? null : this.fetch(this.last);
  }

  private become({
    entry = null,
    fault = null,
    failure = null,
    isLoading = false,
  }: Partial<Pick<Opened, 'entry' | 'fault' | 'failure' | 'isLoading'>>): void {
    this.aborter.abort();
    this.aborter = new AbortController();
    Object.assign(this, { entry, fault, failure, isLoading });
    this.changed();
  }
}
