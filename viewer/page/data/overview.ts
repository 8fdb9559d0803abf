import type { Api, Histogram } from './api';
import { Emitter } from './emitter';
import { isAbort } from './failure';
import { type Filter, isLookedAt } from './filter';

/** How long new entries wait until the histogram is asked for anew. */
const REFRESH = 15_000;

/** The histogram of the entries that match a filter. */
export class Overview extends Emitter {
  data: Histogram | null = null;
  hasFailed = false;
  /** Whether these filters cannot be counted. */
  isUncounted = false;
  buckets = 96;

  private aborter = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private filter: Filter | null = null;

  constructor(private readonly api: Api) {
    super();
  }

  async load(filter: Filter): Promise<void> {
    this.filter = filter;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.aborter.abort();
    const { signal } = (this.aborter = new AbortController());
    this.isUncounted = isLookedAt(filter);
    if (this.isUncounted) {
      this.data = null;
      this.hasFailed = false;
      return this.changed();
    }
    try {
      this.data = await this.api.histogram(filter, this.buckets, signal);
      this.hasFailed = false;
    } catch (error) {
      if (isAbort(error)) return;
      this.data = null;
      this.hasFailed = true;
    }
    this.changed();
  }

  /** Takes note that there are new entries. */
  touch(): void {
    this.timer ??= setTimeout(() => {
      if (this.filter) void this.load(this.filter);
    }, REFRESH);
  }
}
