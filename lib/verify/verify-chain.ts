import type { VerifyOptions } from './options';
import { ChainCheck, type Problem, type Reading } from '../chain/chain-check';
import type { CheckpointCopies } from '../checkpoints/copies-file';
import { checkpointOrigin } from '../notes/checkpoint';
import type { SigningKey } from '../checkpoints/signing-key';
import { readKnownHead, walkToEnd } from '../store/known-chain';
import type { SeqRange, Store } from '../store/store';
import { AnchorCheck } from './anchor-check';
import { readGivenCheckpoint } from './given-checkpoint';
import type { Anchor } from '../vocabulary';
import { describeReopening, Reopenings } from '../checkpoints/reopening';
import { quote } from '../util/quote';
import {
  readStatementInFile,
  readStatementsInSystem,
  createTrust,
  type TreeStatement,
  type Trust,
} from './tree-statements';
import { sha256 } from '../crypto/node';

/** Problems that a report holds at most; `problemCount` counts all. */
const REPORTED = 100;

/** Documents that are looked for which stand in a tenant's name and are not of its chain. */
const STRANGERS = 10;

/** What whoever reads a report has to know, and what is no problem by itself. */
export interface Notice {
  /** `reopened`: the chain was opened again, by whom and why. `unproven`: something was told that nobody known has signed. */
  kind: 'reopened' | 'unproven';
  /** The entry that tells so; null where there is none. */
  seq: number | null;
  message: string;
}

/** What a walk over one tenant's chain found. */
export interface VerificationReport {
  tenantId: string;
  verdict: 'intact' | 'broken';
  /** What holds the chain's beginning in place: the strongest checkpoint that agrees with it. */
  anchor: Anchor;
  /** Entries in the chain: the highest `seq`. */
  size: number;
  /** Entries that the anchor covers. What comes after could be cut or rewritten unseen. */
  anchoredSize: number;
  problemCount: number;
  /** The first 100 problems, in the order of the chain. */
  problems: Problem[];
  /** What is no problem, and has to be known: that the chain was opened again, such as after a restore. */
  notices: Notice[];
}

/** What verification works with. */
export interface VerifyParts {
  store: Store;
  ledger: string;
  key: SigningKey | null;
  file: CheckpointCopies | null;
  /** Ends the walk once nobody waits for it. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a tenant's whole chain, hashes each entry again, follows the links, and compares the tree with all checkpoints
 * that can be had, in constant memory. Entries that are recorded meanwhile are left to the next run. Tampering is a
 * result, not an error.
 * @throws AuditError `INVALID_QUERY` for a checkpoint or key that cannot be used, `STORE_UNAVAILABLE`.
 */
export async function verifyChain(
  tenantId: string,
  { store, ledger, key, file, signal }: VerifyParts,
  options: VerifyOptions,
): Promise<VerificationReport> {
  const origin = checkpointOrigin(ledger, tenantId);
  const pinned = readGivenCheckpoint(options, origin, key);
  const trust = createTrust(origin, key, options.keys ?? []);
  // Before the end is known: what is stated of the chain now is in it by then.
  const reopenings = await Reopenings.read(tenantId, origin, trust.keys, store);
  const { statements, told } = await readOthers(tenantId, store, file, trust, reopenings);
  const anchors = await AnchorCheck.begin(tenantId, store, trust, [...pinned, ...statements], reopenings);
  const check = new ChainCheck(tenantId, sha256);
  const problems: Problem[] = [];
  let problemCount = 0;
  const report = (found: Problem[]) => {
    problemCount += found.length;
    problems.push(...found.slice(0, REPORTED - problems.length));
  };
  const end = (await readKnownHead(tenantId, anchors.longest, store))?.seq ?? Infinity;
  report(await anchors.compare()); // what is stated of the empty tree
  const holes: SeqRange[] = [];
  for await (const readings of walkToEnd({ tenantId, end, signal }, store)) {
    for (const reading of readings) {
      const found = check.next(reading);
      report(found);
      const [first] = found;
      if (first?.kind === 'missing' && holes.length < REPORTED)
        holes.push({ min: first.seq ?? 0, max: (reading.seq ?? 0) - 1 });
      if (anchors.next(reading)) report(await anchors.compare());
    }
  }
  report(await anchors.end(check.size));
  const strangers = await store.strangers(tenantId, STRANGERS);
  report(strangers.filter((one) => !fillsHole(one, holes)).map((reading) => foreign(tenantId, reading)));
  const notices = noticesOf(reopenings, told, check.size);
  const verdict = problemCount === 0 ? 'intact' : 'broken';
  return { tenantId, verdict, ...anchors.result, size: check.size, problemCount, problems, notices };
}

/** What is stated elsewhere than in the stored checkpoints. What only the file has no record in the database makes void. */
async function readOthers(
  tenantId: string,
  store: Store,
  file: CheckpointCopies | null,
  trust: Trust,
  reopenings: Reopenings,
): Promise<{ statements: TreeStatement[]; told: number }> {
  const copies = await readStatementInFile(file, trust);
  const { signed, told } = await readStatementsInSystem(tenantId, store, trust);
  const where = "the ledger's own chain";
  const system: TreeStatement[] =
    signed && !reopenings.isVoid(signed, 'signed') ? [{ ...signed, anchor: 'none', where }] : [];
  return { statements: [...copies, ...system], told };
}

/** An entry that was moved to another tenant: what it has left behind is told. */
function fillsHole({ seq }: Reading, holes: readonly SeqRange[]): boolean {
  return seq !== null && holes.some(({ min, max }) => min <= seq && seq <= max);
}

/** An entry of this tenant could not have that `_id` any more: somebody has taken it. */
function foreign(tenantId: string, { documentId, entry }: Reading): Problem {
  const whose = entry ? `is of the tenant ${quote(entry.tenantId)}` : 'is no entry of it';
  const message = `The document ${quote(documentId)} has an _id of the tenant ${quote(tenantId)}, and ${whose}.`;
  return { kind: 'foreign', seq: null, message };
}

function noticesOf({ list }: Reopenings, told: number, size: number): Notice[] {
  const notices: Notice[] = list.map((one) => ({
    kind: 'reopened',
    seq: one.seq,
    message: describeReopening(one),
  }));
  const end = Math.max(size, ...list.map(({ from }) => from.size));
  if (told <= end) return notices;
  const message = `The ledger's own chain tells of a checkpoint of ${told} entries, which no known key has signed.`;
  return [...notices, { kind: 'unproven', seq: null, message }];
}
