import type { ChainPlace, CursorMove, SetAside, StreamRow } from '../../lib/store/stream-store';
import { turn } from './turn';

const placeKey = ({ tenantId, seq }: ChainPlace): string =>
  `${encodeURIComponent(tenantId)}:${String(seq).padStart(16, '0')}`;

/** What a store in memory keeps of streams to other systems. */
export class MemoryStreams {
  private version = 0;
  private readonly rows = new Map<string, StreamRow>();
  private readonly cursorsOf = new Map<string, Map<string, number>>();
  private readonly asideOf = new Map<string, Map<string, SetAside>>();

  protected clearStreams(): void {
    for (const kept of [this.rows, this.cursorsOf, this.asideOf]) kept.clear();
    this.version++;
  }

  async streamsVersion(): Promise<string> {
    await turn();
    return String(this.version);
  }

  async streams(): Promise<StreamRow[]> {
    await turn();
    return structuredClone([...this.rows.values()]);
  }

  async findStream(name: string): Promise<StreamRow | null> {
    await turn();
    return structuredClone(this.rows.get(name) ?? null);
  }

  async addStream(row: StreamRow): Promise<boolean> {
    await turn();
    if (this.rows.has(row.name)) return false;
    this.rows.set(row.name, { ...row });
    this.version++;
    return true;
  }

  async changeStream(name: string, change: Partial<StreamRow>): Promise<void> {
    await turn();
    const row = this.rows.get(name);
    if (row) Object.assign(row, change);
    this.version++;
  }

  async reportStream(name: string, progress: string): Promise<void> {
    await turn();
    const row = this.rows.get(name);
    if (row) row.progress = progress;
  }

  async removeStream(name: string): Promise<void> {
    await turn();
    for (const kept of [this.rows, this.cursorsOf, this.asideOf]) kept.delete(name);
    this.version++;
  }

  async cursors(stream: string): Promise<ChainPlace[]> {
    await turn();
    return Array.from(this.cursorsOf.get(stream) ?? [], ([tenantId, seq]) => ({ tenantId, seq }));
  }

  async moveCursors(stream: string, moves: readonly CursorMove[]): Promise<boolean> {
    await turn();
    const cursors = this.cursorsOf.get(stream) ?? new Map<string, number>();
    this.cursorsOf.set(stream, cursors);
    const isHeld = ({ tenantId, from }: CursorMove) =>
      from === 'any' || from === (cursors.get(tenantId) ?? null);
    const held = moves.filter(isHeld);
    for (const { tenantId, to } of held) cursors.set(tenantId, to);
    return held.length === moves.length;
  }

  async addSetAside(stream: string, entries: readonly SetAside[]): Promise<void> {
    await turn();
    const kept = this.asideOf.get(stream) ?? new Map<string, SetAside>();
    this.asideOf.set(stream, kept);
    for (const entry of entries) kept.set(placeKey(entry), structuredClone(entry));
  }

  async readSetAside(stream: string, limit: number, behind?: ChainPlace): Promise<SetAside[]> {
    await turn();
    const first = behind ? placeKey(behind) : '';
    const kept = [...(this.asideOf.get(stream) ?? [])].filter(([key]) => key > first);
    const inOrder = kept.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit);
    return structuredClone(inOrder.map(([, entry]) => entry));
  }

  async countSetAside(stream: string): Promise<number> {
    await turn();
    return this.asideOf.get(stream)?.size ?? 0;
  }

  async removeSetAside(stream: string, places: readonly ChainPlace[]): Promise<void> {
    await turn();
    for (const place of places) this.asideOf.get(stream)?.delete(placeKey(place));
  }
}
