import type { StreamStore } from '../store/stream-store';
import type { Store } from '../store/store';
import { actionFilter } from '../read/list-query';
import type { StreamDescription } from './stream-options';

/** What the other side has, against what the stream says that it has. */
export interface Comparison {
  tenantId: string;
  /** Entries that the destination should have. */
  expected: number;
  /** Runs of numbers that it has not, from and to, both included. */
  missing: [number, number][];
  missingCount: number;
  /** Numbers that were set aside, and are not counted as missing. */
  setAside: number[];
}

/** Numbers from 1, in an eighth of a byte each. */
export class NumberSet {
  private bits = new Uint8Array(1024);

  /** @param most numbers beyond it are not kept */
  constructor(private readonly most: number) {}

  add(first: number, last = first): void {
    const end = Math.min(last, this.most);
    this.grow(end);
    for (let number = first; number <= end; number++)
      this.bits[number >> 3] = (this.bits[number >> 3] ?? 0) | (1 << (number & 7));
  }

  has(number: number): boolean {
    return ((this.bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  private grow(number: number): void {
    if (number >> 3 < this.bits.length) return;
    const bits = new Uint8Array(Math.max((number >> 3) + 1, this.bits.length * 2));
    bits.set(this.bits);
    this.bits = bits;
  }
}

/** What is compared. */
export interface CompareTask {
  stream: string;
  description: Partial<StreamDescription>;
  tenantId: string;
  /** How far the stream is. */
  cursor: number;
  /** The first number that was to be delivered. */
  from: number;
  /** What the other side has. */
  numbers: NumberSet;
}

/** Entries that the other side lacks of a tenant, up to the stream's cursor. */
export async function compareTenant(
  task: CompareTask,
  store: Pick<StreamStore, 'readSetAside'> & Pick<Store, 'walk'>,
): Promise<Comparison> {
  const { tenantId, numbers } = task;
  const aside = new Set(await setAsideOf(task, store));
  const result: Comparison = { tenantId, expected: 0, missing: [], missingCount: 0, setAside: [] };
  for await (const seq of expected(task, store)) {
    result.expected++;
    if (numbers.has(seq)) continue;
    if (aside.has(seq)) result.setAside.push(seq);
    else addTo(result, seq);
  }
  return result;
}

/** Runs as texts, such as `5-9`. */
export function describeRuns(runs: readonly (readonly [number, number])[]): string {
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

function addTo(result: Comparison, seq: number): void {
  result.missingCount++;
  const last = result.missing.at(-1);
  if (last?.[1] === seq - 1) last[1] = seq;
  else result.missing.push([seq, seq]);
}

/** The numbers that were to be delivered: all of them, or those that a filter lets through. */
async function* expected(
  { tenantId, cursor, from, description }: CompareTask,
  store: Pick<Store, 'walk'>,
): AsyncGenerator<number> {
  const { filter } = description;
  if (!filter) {
    for (let seq = from; seq <= cursor; seq++) yield seq;
    return;
  }
  const { action, ...equal } = filter;
  const query = { ...equal, ...(action !== undefined && { action: actionFilter(action) }) };
  const seq = { min: from, max: cursor };
  for await (const portion of store.walk({ tenantId, seq, ...query } as Parameters<Store['walk']>[0]))
    for (const reading of portion) if (reading.seq !== null) yield reading.seq;
}

async function setAsideOf(
  { stream, tenantId }: CompareTask,
  store: Pick<StreamStore, 'readSetAside'>,
): Promise<number[]> {
  const numbers: number[] = [];
  let behind = { tenantId, seq: 0 };
  for (;;) {
    const portion = await store.readSetAside(stream, 1_000, behind);
    for (const entry of portion) {
      if (entry.tenantId !== tenantId) return numbers;
      numbers.push(entry.seq);
      behind = { tenantId, seq: entry.seq };
    }
    if (portion.length < 1_000) return numbers;
  }
}
