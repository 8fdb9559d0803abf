import { ChainCheck } from '../chain/chain-check';
import { GENESIS } from '../chain/link';
import type { CheckpointCopies } from '../checkpoints/copies-file';
import { Reopenings, reopeningEvent, type ReopeningStatement, signReopening } from '../checkpoints/reopening';
import type { SigningKey } from '../checkpoints/signing-key';
import { EMPTY_ROOT, TREE_NODE_HASH } from '../checkpoints/tree-node-hash';
import { sha256 } from '../crypto/node';
import { AuditError, isAuditError } from '../errors';
import type { AuditEvent } from '../event/event';
import { newId } from '../event/id';
import { isTenantId, TENANT_ID_RULE } from '../event/tenant-id';
import { checkpointOrigin } from '../notes/checkpoint';
import { checkHead } from '../store/head-check';
import type { Store } from '../store/store';
import { CompactRange } from '../tree/compact-range';
import { isSameHash } from '../tree/hash';
import { Complaints, isObject } from '../util/complaints';
import { decodeHex, encodeHex } from '../util/hex';
import { quote } from '../util/quote';
import { SYSTEM_TENANT } from '../vocabulary';
import {
  createTrust,
  readStatement,
  readStatementInFile,
  readStatementsInSystem,
  type TreeStatement,
  type Trust,
} from './tree-statements';

/** How a chain is opened again. */
export interface ReopenOptions {
  /** Whose chain. */
  tenantId: string;
  /** Why, for whoever reads the trail: 1 to 1,024 characters. */
  reason: string;
  /** Who does it; whoever the scope says that it is when left out. */
  actor?: AuditEvent['actor'];
  /**
   * Entries that the chain keeps. When left out, up to the last that belongs to it; give it where an entry in the middle is
   * damaged and no backup has it.
   */
  size?: number | undefined;
}

/** What a chain is opened again with. */
export interface ReopenParts {
  store: Store;
  ledger: string;
  key: SigningKey | null;
  file: CheckpointCopies | null;
  now: () => number;
  /** Records one of the ledger's own events. */
  record: (event: AuditEvent) => Promise<unknown>;
  /** Makes a checkpoint of the chain as it is then. */
  checkpoint: (tenantId: string) => Promise<unknown>;
}

const REASON_LENGTH = 1024;

/** Documents that are read at a time, and that are set aside at most. */
const PORTION = 100;
const MOST = 100_000;

/** Checkpoints that one record can make void. */
const MAX_VOID = 1_000;

/** Where a chain goes on, and what stands behind that. */
interface Found {
  end: { seq: number; hash: string };
  keys: unknown[];
  /** The end that was found. */
  top: { size: number; hash?: string } | null;
  why: string | null;
}

/**
 * Opens a chain again whose end does not belong to it, or that does not agree with its checkpoints because it was restored
 * from a backup. What does not belong is set aside, byte for byte. What was found, from which end to which, by whom and why,
 * and which checkpoints are void by it, is signed and recorded in the ledger's own chain and in the tenant's.
 * @returns the record; null where nothing was to be done
 * @throws AuditError `INVALID_QUERY`, `SIGNING_KEY_REQUIRED`, `ENTRY_ALTERED` when an entry in the middle is damaged,
 * `CHAIN_BLOCKED` when the ledger's own chain has to be opened first, `STORE_UNAVAILABLE`.
 */
export async function reopenChain(
  options: ReopenOptions,
  parts: ReopenParts,
): Promise<ReopeningStatement | null> {
  assertOptions(options);
  const { tenantId, reason, actor } = options;
  const { store, ledger, key, file } = parts;
  const origin = checkpointOrigin(ledger, tenantId);
  const isSystem = tenantId === SYSTEM_TENANT;
  if (!isSystem) await assertOpen(SYSTEM_TENANT, parts);
  const found = await findEnd(options, parts);
  const trust = createTrust(origin, key, []);
  const reopenings = await Reopenings.read(tenantId, origin, trust.keys, store);
  const stated = await readStated(tenantId, store, file, trust, reopenings);
  const { root, contradicted } = await compare(tenantId, found, stated, store);
  if (found.keys.length === 0 && contradicted.length === 0) return null;
  assertSigned(contradicted, key);
  const name = newId();
  const [largest] = contradicted;
  const statement: ReopeningStatement = {
    tenantId,
    reason,
    found: describe(found, largest),
    from: found.top ?? {
      size: largest?.size ?? found.end.seq,
      ...(largest && { root: encodeHex(largest.root) }),
    },
    to: { size: found.end.seq, hash: found.end.hash, root: encodeHex(root) },
    setAside: { documents: found.keys.length, name, sha256: '' },
    void: contradicted.map((tree) => ({ size: tree.size, root: encodeHex(tree.root) })),
  };
  await record(statement, found.keys, actor, origin, parts);
  return statement;
}

/** First what is done is recorded, then it is done: nobody can take entries away and leave no record. */
async function record(
  statement: ReopeningStatement,
  keys: readonly unknown[],
  actor: AuditEvent['actor'],
  origin: string,
  { store, key, file, ...parts }: ReopenParts,
): Promise<void> {
  const { tenantId, setAside } = statement;
  const digests = keys.length > 0 ? await store.keepAside(setAside.name, keys) : [];
  setAside.sha256 = sha256(digests.join('\n'));
  const { metadata, note } = signReopening(statement, origin, key);
  await file?.append(note);
  if (tenantId !== SYSTEM_TENANT) await parts.record(reopeningEvent(SYSTEM_TENANT, metadata, actor));
  await store.removeEntries(keys);
  await parts.record(reopeningEvent(tenantId, metadata, actor));
  await parts.checkpoint(tenantId);
}

function assertOptions(options: ReopenOptions): void {
  const complaints = new Complaints();
  const given: unknown = options;
  const { tenantId, reason, size, ...others } = isObject(given) ? given : {};
  complaints.unknownFields(others, ['actor']);
  if (!isTenantId(tenantId)) complaints.add('tenantId', TENANT_ID_RULE, tenantId);
  const isReason = typeof reason === 'string' && reason.trim() !== '' && reason.length <= REASON_LENGTH;
  if (!isReason || !reason.isWellFormed())
    complaints.add('reason', `a text of 1 to ${REASON_LENGTH} characters that says why`, reason);
  if (size !== undefined && !(Number.isSafeInteger(size) && Number(size) >= 0))
    complaints.add('size', 'a whole number from 0', size);
  complaints.assertNone('INVALID_QUERY', 'The chain was not opened again');
}

/** @throws AuditError where that chain takes no entries. */
async function assertOpen(tenantId: string, parts: Pick<ReopenParts, 'store' | 'now'>): Promise<void> {
  const head = await parts.store.head(tenantId);
  if (head) await checkHead(tenantId, head, parts);
}

/** The last entry that belongs to the chain, and what stands behind it. */
async function findEnd({ tenantId, size }: ReopenOptions, parts: ReopenParts): Promise<Found> {
  const keys: unknown[] = [];
  let top: Found['top'] = null;
  let why: string | null = null;
  // After an election a primary may not show the end yet: what is there must not be called void.
  await parts.store.head(tenantId, { isConfirmed: true });
  for (let skip = 0; ; skip += PORTION) {
    const newest = await parts.store.newest(tenantId, PORTION, skip);
    for (const { reading, key } of newest) {
      const fault =
        size === undefined || reading.seq === null
          ? await faultOfHead(tenantId, reading, parts)
          : reading.seq > size
            ? `only ${size} entries are kept`
            : null;
      if (fault === null) return { end: placeOf(tenantId, reading), keys, top, why };
      why ??= fault;
      top ??= { size: reading.seq ?? 0, ...(reading.hash !== null && { hash: reading.hash }) };
      keys.push(key);
    }
    if (newest.length < PORTION) return { end: { seq: 0, hash: GENESIS.hash }, keys, top, why };
    if (keys.length >= MOST) throw tooMany(tenantId);
  }
}

async function faultOfHead(
  tenantId: string,
  reading: Parameters<typeof checkHead>[1],
  parts: ReopenParts,
): Promise<string | null> {
  try {
    await checkHead(tenantId, reading, parts);
    return null;
  } catch (error) {
    if (isAuditError(error) && (error.code === 'CHAIN_BLOCKED' || error.code === 'HEAD_ALTERED'))
      return error.message.split('. ')[0] ?? '';
    throw error;
  }
}

function placeOf(tenantId: string, { entry, seq }: Parameters<typeof checkHead>[1]): Found['end'] {
  if (entry) return { seq: entry.seq, hash: entry.hash };
  const what = `Entry ${seq} of the tenant ${quote(tenantId)} is damaged`;
  throw new AuditError('ENTRY_ALTERED', `${what}: give a smaller \`size\`, or restore it from a backup.`);
}

/** All that was stated of the chain and is not void. */
async function readStated(
  tenantId: string,
  store: Store,
  file: CheckpointCopies | null,
  trust: Trust,
  reopenings: Reopenings,
): Promise<TreeStatement[]> {
  const stated = await readStatementInFile(file, trust);
  const { signed } = await readStatementsInSystem(tenantId, store, trust);
  if (signed && !reopenings.isVoid(signed, 'signed'))
    stated.push({ ...signed, anchor: 'signed', where: "the ledger's own chain" });
  for await (const stored of store.checkpoints(tenantId, 'asc')) {
    const statement = readStatement(stored, trust);
    if ('size' in statement && !reopenings.isVoid(statement, statement.anchor)) stated.push(statement);
  }
  return stated;
}

/**
 * The root of the entries that are kept, and the statements that they do not agree with, the largest first.
 * @throws AuditError `ENTRY_ALTERED` when they are no chain.
 */
async function compare(
  tenantId: string,
  { end }: Found,
  stated: readonly TreeStatement[],
  store: Store,
): Promise<{ root: Uint8Array; contradicted: TreeStatement[] }> {
  const bySize = new Map<number, TreeStatement[]>();
  for (const one of stated) bySize.set(one.size, [...(bySize.get(one.size) ?? []), one]);
  const range = new CompactRange(TREE_NODE_HASH);
  const rootNow = () => range.root() ?? EMPTY_ROOT;
  const contradicted = stated.filter(({ size }) => size > end.seq);
  const look = () =>
    contradicted.push(...(bySize.get(range.size) ?? []).filter(({ root }) => !isSameHash(root, rootNow())));
  look();
  const check = new ChainCheck(tenantId, sha256);
  if (end.seq > 0)
    for await (const readings of store.walk({ tenantId, seq: { min: 1, max: end.seq } }))
      for (const reading of readings) {
        const [problem] = check.next(reading);
        if (problem || !reading.entry)
          throw damaged(tenantId, problem?.message ?? 'An entry cannot be read.');
        range.append(decodeHex(reading.entry.hash));
        look();
      }
  contradicted.sort((a, b) => b.size - a.size);
  if (contradicted.length <= MAX_VOID) return { root: rootNow(), contradicted };
  const what = `${contradicted.length} checkpoints of the tenant ${quote(tenantId)} contradict its chain`;
  const mend = 'restore the collection of checkpoints together with the entries';
  throw new AuditError('CHECKPOINT_CONTRADICTED', `${what}, more than ${MAX_VOID}: ${mend}.`);
}

/** An unsigned record must not make a signed checkpoint void. */
function assertSigned(contradicted: readonly TreeStatement[], key: SigningKey | null): void {
  if (key || contradicted.every(({ anchor }) => anchor === 'unsigned')) return;
  const mend = 'open it with the `signingKey` and the name of its `ledger`';
  throw new AuditError('SIGNING_KEY_REQUIRED', `The checkpoints of the chain are signed: ${mend}.`);
}

function describe({ why, top }: Found, largest: TreeStatement | undefined): string {
  const states = largest && `${largest.where} states another tree of ${largest.size} entries`;
  if (why === null || !top) return `${states ? capitalized(states) : 'Nothing'}.`;
  return `${why}${states ? `; ${states}` : ''}.`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function damaged(tenantId: string, what: string): AuditError {
  const mend = 'restore it from a backup, or give the `size` up to which the chain is to be kept';
  const where = `The chain of the tenant ${quote(tenantId)} was not opened again`;
  return new AuditError('ENTRY_ALTERED', `${where}: ${what} To go on, ${mend}.`);
}

function tooMany(tenantId: string): AuditError {
  const what = `More than ${MOST} documents at the end of the chain of the tenant ${quote(tenantId)} do not belong there`;
  return new AuditError(
    'CHAIN_BLOCKED',
    `${what}: restore it from a backup, or give the \`size\` to be kept.`,
  );
}
