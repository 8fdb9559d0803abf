import type { ChainPlace, CursorMove, SetAside, StreamRow } from '../../lib/store/stream-store';

const placeKey = ({ tenantId, seq }: ChainPlace): string =>
  `${encodeURIComponent(tenantId)}:${String(seq).padStart(16, '0')}`;

/** What a store in memory keeps of streams to other systems. */
export class MemoryStreams {
  version = 0;
  private readonly rows = new Map<string, StreamRow>();
  private readonly cursorsOf = new Map<string, Map<string, number>>();
  private readonly asideOf = new Map<string, Map<string, SetAside>>();

  clear(): void {
    for (const kept of [this.rows, this.cursorsOf, this.asideOf]) kept.clear();
    this.version++;
  }

  all(): StreamRow[] {
    return structuredClone([...this.rows.values()]);
  }

  add(row: StreamRow): boolean {
    if (this.rows.has(row.name)) return false;
    this.rows.set(row.name, { ...row });
    this.version++;
    return true;
  }

  change(name: string, change: Partial<StreamRow>): void {
    const row = this.rows.get(name);
    if (row) Object.assign(row, change);
    this.version++;
  }

  report(name: string, progress: string): void {
    const row = this.rows.get(name);
    if (row) row.progress = progress;
  }

  remove(name: string): void {
    for (const kept of [this.rows, this.cursorsOf, this.asideOf]) kept.delete(name);
    this.version++;
  }

  cursors(stream: string): ChainPlace[] {
    return Array.from(this.cursorsOf.get(stream) ?? [], ([tenantId, seq]) => ({ tenantId, seq }));
  }

  move(stream: string, moves: readonly CursorMove[]): boolean {
    const cursors = this.cursorsOf.get(stream) ?? new Map<string, number>();
    this.cursorsOf.set(stream, cursors);
    const isHeld = ({ tenantId, from }: CursorMove) =>
      from === 'any' || from === (cursors.get(tenantId) ?? null);
    const held = moves.filter(isHeld);
    for (const { tenantId, to } of held) cursors.set(tenantId, to);
    return held.length === moves.length;
  }

  aside(stream: string, limit: number, behind?: ChainPlace): SetAside[] {
    const first = behind ? placeKey(behind) : '';
    const kept = [...(this.asideOf.get(stream) ?? [])].filter(([key]) => key > first);
    return structuredClone(
      kept
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => entry)
        .slice(0, limit),
    );
  }

  countAside(stream: string): number {
    return this.asideOf.get(stream)?.size ?? 0;
  }

  addAside(stream: string, entries: readonly SetAside[]): void {
    const kept = this.asideOf.get(stream) ?? new Map<string, SetAside>();
    this.asideOf.set(stream, kept);
    for (const entry of entries) kept.set(placeKey(entry), structuredClone(entry));
  }

  removeAside(stream: string, places: readonly ChainPlace[]): void {
    for (const place of places) this.asideOf.get(stream)?.delete(placeKey(place));
  }
}
