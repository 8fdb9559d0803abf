/** Where texts are kept between visits: the browser's localStorage, as far as there is one. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** What was seen of a trail. */
export interface Seen {
  verifierKey: string;
  /** Of the largest checkpoint. */
  size: number;
  note: string;
}

/** What is not as it was on the visit before. */
export type Change =
  | { kind: 'key'; before: string; now: string }
  | { kind: 'unsigned' }
  | { kind: 'shrunk'; before: number; now: number }
  /** Two roots were signed for one size. */
  | { kind: 'rewritten'; size: number };

/** Remembers the key and the largest checkpoint of a trail, so that a later visit can tell what has changed. */
export class Pin {
  private readonly key: string;

  constructor(
    private readonly memory: Memory | null,
    origin: string,
  ) {
    this.key = `express-audit-ledger:${origin}`;
  }

  /** What has changed since the visit before; nothing on the first one. */
  compare(verifierKey: string | null, checkpoint: { size: number; note: string } | null): Change[] {
    const seen = this.read();
    if (!seen) return [];
    if (verifierKey === null) return [{ kind: 'unsigned' }];
    if (verifierKey !== seen.verifierKey)
      return [{ kind: 'key', before: seen.verifierKey, now: verifierKey }];
    const size = checkpoint?.size ?? 0;
    if (size < seen.size) return [{ kind: 'shrunk', before: seen.size, now: size }];
    const isRewritten = size === seen.size && textOf(checkpoint?.note ?? '') !== textOf(seen.note);
    return isRewritten ? [{ kind: 'rewritten', size }] : [];
  }

  /** Remembers what is there now. What contradicts is not remembered unless somebody accepts it. */
  remember(verifierKey: string, { size, note }: { size: number; note: string }): void {
    const seen: Seen = { verifierKey, size, note };
    try {
      this.memory?.setItem(this.key, JSON.stringify(seen));
    } catch {
      // A full or forbidden memory: the next visit compares with what there is.
    }
  }

  private read(): Seen | null {
    try {
      const seen = JSON.parse(this.memory?.getItem(this.key) ?? 'null') as Partial<Seen> | null;
      const { verifierKey, size, note } = seen ?? {};
      return typeof verifierKey === 'string' && typeof size === 'number' && typeof note === 'string'
        ? { verifierKey, size, note }
        : null;
    } catch {
      return null; // no memory, or something else was written there
    }
  }
}

/** A note without its signatures. */
function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf('\n\n'));
}
