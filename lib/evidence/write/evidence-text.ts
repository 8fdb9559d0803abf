import type { Reading } from '../../chain/chain-check';
import { type Entry, isHash } from '../../chain/entry';
import { AuditError } from '../../errors';
import type { IssuedCheckpoint } from '../../checkpoints/issuer';
import { encodeHex } from '../../util/hex';
import { type LeafRange, type Subtree, splitIntoSubtrees } from '../../tree/subtree';
import { StoredTree } from '../../checkpoints/stored-tree';
import { readKnownHead } from '../../store/known-chain';
import type { SeqRange, Store, WalkQuery } from '../../store/store';
import { quote } from '../../util/quote';
import { createEncoder } from './encoder';
import type { EvidenceFormat, EvidenceRecord, Manifest } from '../records';
import { TREE_NODE_HASH } from '../../checkpoints/tree-node-hash';

/** What is to be written. */
export interface EvidenceSpec {
  manifest: Manifest;
  format: EvidenceFormat;
  /** Which entries, in which part of the chain: before the export's own. */
  query: WalkQuery & { seq: SeqRange };
  /** `seq` of the export's own entry, which is always in the file; null when it has none. */
  own: number | null;
  /** What the file proves itself with; null without proof. */
  head: IssuedCheckpoint | null;
}

/** Entries of which the gaps are read at a time: each may need two tiles. */
const PORTION = 100;

/**
 * The text of an export, in constant memory. It ends with an error, never as if it were whole, when an entry cannot be
 * read; one that was altered is written as it is, for the verifier to find.
 * @throws AuditError `ENTRY_ALTERED`; errors of the database as they are.
 */
export async function* evidenceText(given: EvidenceSpec, store: Store): AsyncGenerator<string> {
  const { manifest, format, head } = given;
  const encoder = createEncoder(format, head !== null);
  const encode = (records: readonly EvidenceRecord[]) =>
    records.map((record) => encoder.record(record)).join('');
  const tiling = head && new Tiling(manifest.tenantId, head, store);
  yield encoder.begin + (head ? encode([manifest]) : '');
  for await (const entries of entryBatches(given, store)) {
    yield encode(tiling ? await tiling.with(entries) : entries.map(toRecord));
  }
  if (tiling) {
    const { keys, note } = head;
    yield encode([...(await tiling.rest()), { type: 'checkpoint', keys, note }]);
  }
  yield encoder.end;
}

/** Puts between entries the largest subtrees that hold none of them, so that all together tile the tree. */
class Tiling {
  private readonly nodes: StoredTree;
  /** Leaves that are written. */
  private position = 0;

  constructor(
    tenantId: string,
    private readonly head: IssuedCheckpoint,
    store: Store,
  ) {
    this.nodes = new StoredTree(tenantId, head.size, store, TREE_NODE_HASH);
  }

  async with(entries: readonly Entry[]): Promise<EvidenceRecord[]> {
    const gaps = entries.map(({ seq }) => splitIntoSubtrees(this.gapTo(seq)));
    const omitted = await this.omitted(gaps.flat());
    return entries.flatMap((entry, i) => [...omitted.splice(0, gaps[i]?.length), toRecord(entry)]);
  }

  async rest(): Promise<EvidenceRecord[]> {
    return this.omitted(splitIntoSubtrees({ begin: this.position, end: this.head.size }));
  }

  private gapTo(seq: number): LeafRange {
    const gap = { begin: this.position, end: seq - 1 };
    this.position = seq;
    return gap;
  }

  private async omitted(subtrees: readonly Subtree[]): Promise<EvidenceRecord[]> {
    if (subtrees.length === 0) return [];
    const hashes = await this.nodes.readRoots(subtrees);
    return hashes.map((hash, i) => {
      const { level, index } = subtrees[i] as Subtree;
      const size = 2 ** level;
      return { type: 'omitted', first: index * size + 1, last: (index + 1) * size, hash: encodeHex(hash) };
    });
  }
}

function toRecord(entry: Entry): EvidenceRecord {
  return { type: 'entry', entry, hash: entry.hash };
}

/** The entries of an export in the order of `seq`; its own is the last. */
async function* entryBatches({ query, own }: EvidenceSpec, store: Store): AsyncGenerator<Entry[]> {
  let portion: Entry[] = [];
  // So that the walk shows all of it, also right after an election: what it leaves out is written as left out.
  await readKnownHead(query.tenantId, own ?? query.seq.max, store);
  for await (const entry of readEntries(query, store)) {
    if (portion.push(entry) < PORTION) continue;
    yield portion;
    portion = [];
  }
  if (own !== null) portion.push(await entryAt(own, query.tenantId, store));
  yield portion;
}

async function* readEntries(query: EvidenceSpec['query'], store: Store): AsyncGenerator<Entry> {
  if (query.seq.min > query.seq.max) return;
  for await (const readings of store.walk(query))
    for (const reading of readings) yield assertReadable(reading, query.tenantId);
}

async function entryAt(seq: number, tenantId: string, store: Store): Promise<Entry> {
  for await (const entry of readEntries({ tenantId, seq: { min: seq, max: seq } }, store)) return entry;
  throw new AuditError(
    'ENTRY_ALTERED',
    `Entry ${seq} of the tenant ${quote(tenantId)} is missing: run verify.`,
  );
}

function assertReadable({ entry, fault, seq }: Reading, tenantId: string): Entry {
  // A hash that was altered to anything else could add records to the file.
  if (entry && isHash(entry.hash) && Number.isSafeInteger(entry.seq)) return entry;
  const what = `Entry ${seq ?? '(without a number)'} of the tenant ${quote(tenantId)} was altered`;
  throw new AuditError(
    'ENTRY_ALTERED',
    `${what}: ${fault?.message ?? 'its hash or its number is none'}. Run verify.`,
  );
}
