import { documentId, type Entry, entryHash } from './entry';
import { ChainOrder, describeRange } from './chain-order';
import { GENESIS, type Head } from './link';
import type { Sha256 } from '../crypto/ports';

/** Ways in which a chain can be broken; the last two show through a checkpoint alone. */
export type ProblemKind =
  | 'altered'
  | 'relinked'
  | 'missing'
  | 'duplicated'
  | 'foreign'
  | 'backdated'
  | 'unreadable'
  | 'truncated'
  | 'rewritten';

/** One thing that is wrong with a chain. `seq` is null where a document has no place in it. */
export interface Problem {
  kind: ProblemKind;
  seq: number | null;
  message: string;
}

/** A document of the entries' collection, read strictly: an entry, or the reason why it is none. */
export interface Reading {
  /** `_id`, when it is a string. */
  documentId: string | null;
  /** `seq`, when its value, of whatever numeric type, is a safe integer from 1. */
  seq: number | null;
  /** `hash`, when it is a string. */
  hash: string | null;
  /** The entry, when each member is of its type (docs/formats.md §2). */
  entry: Entry | null;
  /** Why there is no entry. */
  fault: { kind: 'altered' | 'unreadable'; message: string } | null;
}

/**
 * Walks one tenant's chain. Give `next` every reading in the order of `seq`; each answer is what is wrong there.
 * A fault is reported where it lies, not again in the entries behind it.
 */
export class ChainCheck {
  private readonly position: ChainOrder;

  /** @param head behind which the walk begins */
  constructor(
    private readonly tenantId: string,
    private readonly sha256: Sha256,
    head: Head = GENESIS,
  ) {
    this.position = new ChainOrder(head);
  }

  /** The highest `seq` seen so far. */
  get size(): number {
    return this.position.seq;
  }

  next(reading: Reading): Problem[] {
    const { seq } = reading;
    if (seq === null) return [{ kind: 'altered', seq, message: describePlaceless(reading) }];
    if (seq === this.position.seq) return [this.duplicated(reading, seq)];
    const gap = this.gap(seq);
    const own = reading.entry && entryHash(reading.entry, this.sha256);
    const content = this.content(reading, seq, own);
    const problems = [gap, content, this.order(reading, seq, content)].filter((problem) => problem !== null);
    this.remember(reading, own, content);
    return problems;
  }

  private gap(seq: number): Problem | null {
    const missing = this.position.advance(seq, seq);
    if (!missing) return null;
    const { first, last } = missing;
    return { kind: 'missing', seq: first, message: `${describeRange(first, last, 'is', 'are')} missing.` };
  }

  private duplicated(reading: Reading, seq: number): Problem {
    if (reading.hash !== null) this.position.allow(reading.hash);
    return { kind: 'duplicated', seq, message: `There is more than one entry ${seq}.` };
  }

  private content(reading: Reading, seq: number, own: string | null): Problem | null {
    const { entry, fault } = reading;
    if (entry === null) {
      const { kind, message } = fault ?? { kind: 'unreadable', message: 'it cannot be read' };
      return { kind, seq, message: `Entry ${seq}: ${message}.` };
    }
    if (own !== entry.hash || entry.tenantId !== this.tenantId) {
      return this.foreign(entry, seq, reading.documentId) ?? hashMismatch(seq);
    }
    if (reading.documentId !== documentId(this.tenantId, entry.id)) {
      return { kind: 'altered', seq, message: `The _id of entry ${seq} is not that of its tenant and id.` };
    }
    return null;
  }

  /** An entry that does not belong here and names another tenant, in its member or its `_id`: a transplant. */
  private foreign(entry: Entry, seq: number, id: string | null): Problem | null {
    const tenantId = [entry.tenantId, tenantInDocumentId(id)].find(
      (named) => named !== null && named !== this.tenantId,
    );
    if (tenantId === undefined) return null;
    return {
      kind: 'foreign',
      seq,
      message: `Entry ${seq} is of another tenant, ${JSON.stringify(tenantId)}.`,
    };
  }

  private order({ entry }: Reading, seq: number, content: Problem | null): Problem | null {
    if (entry === null || content?.kind === 'foreign') return null;
    if (!this.position.isLinked(entry)) {
      return { kind: 'relinked', seq, message: `Entry ${seq} does not link to the entry before it.` };
    }
    if (content === null && this.position.isBackdated(entry)) {
      return {
        kind: 'backdated',
        seq,
        message: `Entry ${seq} says that it was recorded before its predecessor.`,
      };
    }
    return null;
  }

  private remember(reading: Reading, own: string | null, content: Problem | null): void {
    const isForeign = content?.kind === 'foreign';
    this.position.setLinks(isForeign ? [] : [reading.hash, own].filter((hash) => hash !== null));
    if (!content && reading.entry) this.position.setTime(reading.entry);
  }
}

function hashMismatch(seq: number): Problem {
  return { kind: 'altered', seq, message: `The content of entry ${seq} does not give its hash.` };
}

function describePlaceless({ documentId, fault }: Reading): string {
  const name = documentId === null ? 'without a string _id' : JSON.stringify(documentId);
  return `The document ${name} has no place in the chain: ${fault?.message ?? 'its seq is not a number from 1'}.`;
}

function tenantInDocumentId(id: string | null): string | null {
  const end = id?.indexOf(':') ?? -1;
  if (id === null || end < 1) return null;
  try {
    return decodeURIComponent(id.slice(0, end));
  } catch {
    return null; // an _id that no tenant gives: whatever else is wrong with the entry is reported
  }
}
