import { checkFile, type CheckResult } from './check-file';
import type { Trust } from './trust';

/** How far the check of a file is. */
export type CheckState =
  | { is: 'waiting' }
  | { is: 'running'; bytes: number; abort: () => void }
  | { is: 'cancelled' }
  | { is: 'done'; result: CheckResult; trust: Trust };

/** A file, and what became of it. */
export interface Check {
  id: number;
  file: File;
  state: CheckState;
}

/** Milliseconds between two looks at how far it is: more would cost the check time, and nobody could read them. */
const PROGRESS_MS = 100;

/** Checks files one after the other. */
export class Checks {
  private list: readonly Check[] = [];
  private isBusy = false;
  private next = 1;

  /**
   * @param trust what the next check may rely on
   * @param onChange is given all files whenever something has changed
   */
  constructor(
    private readonly trust: () => Trust,
    private readonly onChange: (checks: readonly Check[]) => void,
  ) {}

  /** A file that is there already is checked again: it has one result. */
  add(files: Iterable<File>): void {
    const added = Array.from(files, (file): Check => ({ id: this.next++, file, state: { is: 'waiting' } }));
    const isAgain = ({ file, state }: Check): boolean =>
      state.is !== 'running' && added.some((other) => isSame(file, other.file));
    this.set([...this.list.filter((check) => !isAgain(check)), ...added]);
    void this.run();
  }

  again(id: number): void {
    this.update(id, { is: 'waiting' });
    void this.run();
  }

  remove(id: number): void {
    this.set(this.list.filter((check) => check.id !== id));
  }

  cancel(id: number): void {
    const state = this.list.find((check) => check.id === id)?.state;
    if (state?.is === 'running') state.abort();
    else this.update(id, { is: 'cancelled' });
  }

  private async run(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (let check = this.waiting(); check; check = this.waiting()) await this.check(check);
    } finally {
      this.isBusy = false;
    }
  }

  private waiting(): Check | undefined {
    return this.list.find(({ state }) => state.is === 'waiting');
  }

  private async check({ id, file }: Check): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const abort = (): void => controller.abort();
    let shown = performance.now();
    this.update(id, { is: 'running', bytes: 0, abort });
    const onProgress = (bytes: number): void => {
      if (performance.now() - shown < PROGRESS_MS) return;
      shown = performance.now();
      this.update(id, { is: 'running', bytes, abort });
    };
    const trust = this.trust();
    try {
      const result = await checkFile(file, trust, { signal, onProgress });
      this.update(id, { is: 'done', result, trust });
    } catch (error) {
      if (!signal.aborted) throw error;
      this.update(id, { is: 'cancelled' });
    }
  }

  private update(id: number, state: CheckState): void {
    this.set(this.list.map((check) => (check.id === id ? { ...check, state } : check)));
  }

  private set(list: readonly Check[]): void {
    this.list = list;
    this.onChange(list);
  }
}

/** Whether two files are one, as far as a browser tells. */
function isSame(a: File, b: File): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}
