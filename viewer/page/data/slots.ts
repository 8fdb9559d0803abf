import type { Item } from './items';

/** A page of the list: where it begins, how long it is, and what it holds while that is near the viewport. */
export interface Slot {
  /** Null for the first page, and for entries that came in live: those have no page of their own. */
  cursor: string | null;
  count: number;
  items: Item[] | null;
  /** The lowest number of the page before, to see what is missing between. */
  above: number | null;
}

/** A run of rows, `end` not among them. */
export interface Rows {
  begin: number;
  end: number;
}

/** The pages of an endless list. Only some of them are in memory; all have their place. */
export class Slots {
  private slots: Slot[] = [];
  /** Row at which each slot begins. */
  private starts: number[] = [];
  private total = 0;

  get count(): number {
    return this.total;
  }

  get all(): readonly Slot[] {
    return this.slots;
  }

  push(slot: Slot): void {
    this.starts.push(this.total);
    this.slots.push(slot);
    this.total += slot.count;
  }

  /** Puts rows above all others. They stay in memory: nothing says where they could be fetched again. */
  unshift(items: Item[]): void {
    const [first] = this.slots;
    if (first) Object.assign(first, { items: [...items, ...(first.items ?? [])] });
    else this.slots.push({ cursor: null, count: 0, items, above: null });
    this.recount();
  }

  /** Fills a page that was dropped. It may be longer or shorter than it was. */
  fill(slot: Slot, items: Item[]): void {
    slot.items = items;
    if (slot.count !== items.length) this.recount();
  }

  /** The row at an index; null while its page is not in memory. */
  at(index: number): Item | null {
    const n = this.slotIndex(index);
    return this.slots[n]?.items?.[index - (this.starts[n] ?? 0)] ?? null;
  }

  /** Pages that rows need and that are not in memory. */
  absent(rows: Rows): Slot[] {
    return this.slots.filter((slot, n) => slot.items === null && this.touches(n, rows));
  }

  /** Drops what is far from these rows; gives the rows that went. The first page stays, live entries are in it. */
  dropFar({ begin, end }: Rows, distance: number): Item[] {
    const dropped: Item[] = [];
    this.slots.forEach((slot, n) => {
      if (n === 0 || !slot.items || this.touches(n, { begin: begin - distance, end: end + distance })) return;
      dropped.push(...slot.items);
      slot.items = null;
    });
    return dropped;
  }

  private touches(n: number, { begin, end }: Rows): boolean {
    const start = this.starts[n] ?? 0;
    return start < end && start + (this.slots[n]?.count ?? 0) > begin;
  }

  private slotIndex(index: number): number {
    let [low, high] = [0, this.slots.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private recount(): void {
    this.total = 0;
    this.starts = this.slots.map((slot) => {
      const start = this.total;
      slot.count = slot.items?.length ?? slot.count;
      this.total += slot.count;
      return start;
    });
  }
}
