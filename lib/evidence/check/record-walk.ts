import { leafHash } from '../../chain/entry';
import { ChainOrder, describeRange } from '../../chain/chain-order';
import { CompactRange } from '../../tree/compact-range';
import { type Hash, nodeHash } from '../../tree/hash';
import { decodeHex } from '../../util/hex';
import { quote } from '../../util/quote';
import type { Problems } from './problems';
import { subtreeLevel } from './record-shape';
import type { EntryRecord, Omitted } from '../records';
import type { Crypto } from '../../crypto/ports';

/**
 * Follows the entries and the omitted subtrees of a file from left to right: hashes, links, places, times, and the
 * tree that they add up to (docs/formats.md §5.1 rule 3). Each fault is reported where it lies, not again behind it.
 */
export class RecordWalk {
  entryCount = 0;
  omittedCount = 0;
  /** The root that the tree had when it was of the size that is watched; null when no record ended there. */
  watchedRoot: Hash | null = null;

  private readonly range: CompactRange;
  /** Whether the records so far tile a tree: without gap and without overlap. */
  private isWhole = true;
  private readonly position = new ChainOrder();

  /** @param watchedSize the size at which the root is kept, to be compared with a checkpoint's. */
  constructor(
    private readonly tenantId: string,
    private readonly crypto: Crypto,
    private readonly problems: Problems,
    private readonly watchedSize: number | null,
  ) {
    this.range = new CompactRange(nodeHash(crypto.sha256Bytes));
    this.watch();
  }

  /** Entries so far, those left out too. */
  get size(): number {
    return this.position.seq;
  }

  /** The root of the tree that the records add up to; null when they add up to none. */
  get root(): Hash | null {
    return this.isWhole ? this.rootNow() : null;
  }

  /** @param text the canonical text of the entry. */
  entry({ entry, hash }: EntryRecord, text: string): void {
    this.entryCount++;
    if (!this.advance(entry.seq, entry.seq)) return;
    const own = leafHash(text, this.crypto.sha256);
    const isForeign = entry.tenantId !== this.tenantId;
    const isSound = this.checkContent(entry, isForeign, own === hash);
    if (!isForeign) this.checkOrder(entry, isSound);
    this.position.setLinks(isForeign ? [] : [hash, own]);
    if (isSound) this.position.setTime(entry);
    this.append(hash, 0);
  }

  omitted(omitted: Omitted): void {
    const { first, last, hash } = omitted;
    this.omittedCount += last - first + 1;
    if (!this.advance(first, last)) return;
    this.position.setLinks(first === last ? [hash] : []);
    this.append(hash, subtreeLevel(omitted));
  }

  /** Whether a record that covers these numbers has a place behind those before it. */
  private advance(first: number, last: number): boolean {
    const next = this.size + 1;
    if (first !== next) this.isWhole = false;
    if (first < next) {
      this.problems.add('duplicated', first, `${describeRepeated(first, last)} again, or out of order.`);
      return false;
    }
    const missing = this.position.advance(first, last);
    if (missing)
      this.problems.add(
        'missing',
        missing.first,
        `${describeRange(missing.first, missing.last, 'is', 'are')} missing.`,
      );
    return true;
  }

  private checkContent(
    { seq, tenantId }: EntryRecord['entry'],
    isForeign: boolean,
    isSame: boolean,
  ): boolean {
    if (isForeign)
      this.problems.add('foreign', seq, `Entry ${seq} is of another tenant, ${quote(tenantId)}.`);
    else if (!isSame)
      this.problems.add('altered', seq, `The content of entry ${seq} does not give its hash.`);
    return !isForeign && isSame;
  }

  private checkOrder(entry: EntryRecord['entry'], isSound: boolean): void {
    const { seq } = entry;
    if (!this.position.isLinked(entry))
      this.problems.add('relinked', seq, `Entry ${seq} does not link to the entry before it.`);
    else if (isSound && this.position.isBackdated(entry))
      this.problems.add(
        'backdated',
        seq,
        `Entry ${seq} says that it was recorded before an entry in front of it.`,
      );
  }

  private append(hash: string, level: number): void {
    if (!this.isWhole) return;
    this.range.append(decodeHex(hash), level);
    this.watch();
  }

  private watch(): void {
    if (this.range.size === this.watchedSize) this.watchedRoot = this.rootNow();
  }

  /** RFC 6962 §2.1: the empty tree's root is the hash of no bytes. */
  private rootNow(): Hash {
    return this.range.root() ?? this.crypto.sha256Bytes(new Uint8Array());
  }
}

function describeRepeated(first: number, last: number): string {
  return describeRange(first, last, 'comes', 'come');
}
