import { canonicalize } from '../chain/canonical';
import type { Reading } from '../chain/chain-check';
import { type Entry, entryHash, isHash } from '../chain/entry';
import type { JsonObject } from '../chain/json';
import { NODE_CRYPTO, sha256 } from '../crypto/node';
import { isAuditError } from '../errors';
import type { AuditEvent } from '../event/event';
import { parseValidKeys } from '../notes/checkpoint-note';
import type { VerifierKey } from '../notes/note';
import {
  formatReopening,
  isReopeningSignedByAny,
  parseReopeningNote,
  type ReopeningNote,
} from '../notes/reopening-note';
import type { EntryFilter } from '../store/store';
import { isObject } from '../util/complaints';
import { decodeHex, encodeHex } from '../util/hex';
import { quote, shorten } from '../util/quote';
import { type Anchor, ANCHORS, SYSTEM_TENANT } from '../vocabulary';
import type { SigningKey } from './signing-key';
import type { StatedTree, SystemChain } from './system-chain';

/** What the record of a reopening says, beside its signature (docs/formats.md §4.1). */
export interface ReopeningStatement {
  tenantId: string;
  /** Why, as whoever did it says. */
  reason: string;
  /** What was found, in words. */
  found: string;
  /** The end that was found, or that was stated before. `hash` where there was an entry, `root` where there was a checkpoint. */
  from: { size: number; hash?: string; root?: string };
  /** Where the chain goes on: its entries, the hash of the last, the root of their tree. */
  to: { size: number; hash: string; root: string };
  /** What stood behind that end: documents, under which name they are kept, and the SHA-256 of their SHA-256s. */
  setAside: { documents: number; name: string; sha256: string };
  /** The checkpoints that the chain does not agree with any more, the largest first. */
  void: { size: number; root: string }[];
}

/** A reopening that an entry records. */
export interface Reopening extends ReopeningStatement {
  /** What its signature is worth. */
  anchor: Anchor;
  /** The number of the entry in its chain. */
  seq: number;
  by: string;
  recordedAt: string;
}

/** The action of the entries that record a reopening. */
export const REOPENED_ACTION = 'ledger.reopened';

/** Reopenings of a chain that count, the best signed ones: nobody opens one as often. */
const MOST = 100;

/** Entries that say so which are read at a time, and which are looked through. Somebody may have added some that are none. */
const PORTION = 100;
const LOOKED = 5_000;

/** The metadata of a reopening's entries, and its note. */
export function signReopening(
  statement: ReopeningStatement,
  origin: string,
  key: SigningKey | null,
): { metadata: JsonObject; note: string } {
  const { size, root } = statement.to;
  const digest = digestOf(statement as object as JsonObject);
  const text = formatReopening({ origin, size, root: decodeHex(root), digest });
  const signed = key?.sign(text, origin);
  const note = signed?.note ?? text;
  return {
    metadata: { ...(statement as object as JsonObject), note, keys: signed ? [signed.key] : [] },
    note,
  };
}

/** The event that records it, in the chain itself or in the ledger's own. */
export function reopeningEvent(
  tenantId: string,
  metadata: JsonObject,
  actor: AuditEvent['actor'],
): AuditEvent {
  return { action: REOPENED_ACTION, tenantId, actor, resource: metadata['tenantId'] as string, metadata };
}

/** The reopenings of a chain, as it and the ledger's own tell of them, and which statements they make void. */
export class Reopenings {
  /** For each void tree the worth of the strongest reopening that names it. */
  private readonly worth = new Map<string, Anchor>();

  private constructor(readonly list: readonly Reopening[]) {
    for (const { anchor, void: trees } of list)
      for (const { size, root } of trees) {
        const name = `${size} ${root}`;
        const known = this.worth.get(name);
        if (!known || isWorthAsMuch(anchor, known)) this.worth.set(name, anchor);
      }
  }

  /** @param keys whose signatures count */
  static async read(
    tenantId: string,
    origin: string,
    keys: readonly VerifierKey[],
    store: SystemChain,
  ): Promise<Reopenings> {
    const read = async (of: EntryFilter & { tenantId: string }): Promise<Reopening[]> => {
      const found: Reopening[] = [];
      for await (const { entry } of entriesThatSaySo(of, store)) {
        const reopening = entry && readReopening(entry, tenantId, origin, keys);
        if (reopening) found.push(reopening);
      }
      return found;
    };
    const inChain = await read({ tenantId });
    const isSystem = tenantId === SYSTEM_TENANT;
    const inSystem = isSystem ? [] : await read({ tenantId: SYSTEM_TENANT, resource: tenantId });
    const known = new Set(inChain.map(nameOf));
    return new Reopenings(strongest([...inChain, ...inSystem.filter((one) => !known.has(nameOf(one)))]));
  }

  /** Whether a tree that was stated is void: by a record that is worth as much as the statement. */
  isVoid({ size, root }: StatedTree, anchor: Anchor): boolean {
    const worth = this.worth.get(`${size} ${encodeHex(root)}`);
    return worth !== undefined && anchor !== 'pinned' && isWorthAsMuch(worth, anchor);
  }
}

/** The newest first. */
async function* entriesThatSaySo(
  of: EntryFilter & { tenantId: string },
  store: SystemChain,
): AsyncGenerator<Reading> {
  const action = { name: REOPENED_ACTION, prefix: false };
  let max = Number.MAX_SAFE_INTEGER;
  for (let looked = 0; looked < LOOKED && max > 0; looked += PORTION) {
    const query = { ...of, action, seq: { min: 1, max }, order: 'desc', limit: PORTION } as const;
    const portion = await store.page(query);
    yield* portion;
    if (portion.length < PORTION) return;
    max = (portion.at(-1)?.seq ?? 0) - 1; // behind an altered number nothing can be said
  }
}

/** Those that are worth most, in their order: who adds others must not hide one that was signed. */
function strongest(all: readonly Reopening[]): readonly Reopening[] {
  if (all.length <= MOST) return all;
  const worth = ({ anchor }: Reopening) => ANCHORS.indexOf(anchor);
  const kept = new Set([...all].sort((a, b) => worth(a) - worth(b)).slice(0, MOST));
  return all.filter((one) => kept.has(one));
}

/** What an entry says of a reopening; null where it does not fit its signature, or is of another chain. */
export function readReopening(
  entry: Entry,
  tenantId: string,
  origin: string,
  keys: readonly VerifierKey[],
): Reopening | null {
  const { metadata, seq, actor: by, recordedAt } = entry;
  if (!isObject(metadata) || entryHash(entry, sha256) !== entry.hash) return null;
  const { note, keys: listed, ...statement } = metadata;
  const opened = typeof note === 'string' ? tryParse(note) : null;
  if (!opened || !isStatement(statement, tenantId) || opened.origin !== origin) return null;
  if (opened.digest !== digestOf(statement as object as JsonObject)) return null;
  const texts = Array.isArray(listed) ? listed.filter((key) => typeof key === 'string').slice(0, 1) : [];
  const anchor = worthOf(opened, keys, texts);
  return anchor && { ...statement, anchor, seq, by, recordedAt };
}

function worthOf(
  opened: ReopeningNote,
  keys: readonly VerifierKey[],
  listed: readonly string[],
): Anchor | null {
  if (opened.note.signatures.length === 0) return 'unsigned';
  if (isReopeningSignedByAny(keys, opened, NODE_CRYPTO)) return 'signed';
  return isReopeningSignedByAny(parseValidKeys(listed, NODE_CRYPTO), opened, NODE_CRYPTO)
    ? 'self-signed'
    : null;
}

function isWorthAsMuch(one: Anchor, other: Anchor): boolean {
  return ANCHORS.indexOf(one) <= ANCHORS.indexOf(other);
}

function nameOf({ recordedAt: _at, seq: _seq, ...statement }: Reopening): string {
  return `${statement.setAside.name} ${statement.to.size} ${statement.to.root}`;
}

function digestOf(statement: JsonObject): string {
  return sha256(canonicalize(statement));
}

function tryParse(note: string): ReopeningNote | null {
  try {
    return parseReopeningNote(note);
  } catch (error) {
    if (isAuditError(error)) return null;
    throw error;
  }
}

/** Somebody else may have written it. */
function isStatement(
  value: Record<string, unknown>,
  tenantId: string,
): value is Record<string, unknown> & ReopeningStatement {
  const { reason, found, from, to, setAside, void: trees } = value;
  const isTree = (tree: unknown) =>
    isObject(tree) && Number.isSafeInteger(tree['size']) && isHash(tree['root']);
  return (
    value['tenantId'] === tenantId &&
    typeof reason === 'string' &&
    typeof found === 'string' &&
    isObject(from) &&
    Number.isSafeInteger(from['size']) &&
    isTree(to) &&
    isObject(setAside) &&
    Number.isSafeInteger(setAside['documents']) &&
    typeof setAside['name'] === 'string' &&
    Array.isArray(trees) &&
    trees.every(isTree)
  );
}

/** A reopening in one sentence, for those who check a chain. */
export function describeReopening({ anchor, by, reason, recordedAt, to, from, ...more }: Reopening): string {
  const signed = anchor === 'self-signed' ? ', by a key that only the database vouches for' : '';
  const unsigned = anchor === 'unsigned' ? ', which nobody signed' : '';
  const who = `The chain was opened again behind entry ${to.size} at ${recordedAt} by ${quote(by)}`;
  const kept = more.setAside.documents;
  const what = `${shorten(more.found, 500)} The end before was ${from.size}; ${kept} documents were set aside, ${more.void.length} checkpoints are void by it`;
  return `${who}${signed}${unsigned}: ${JSON.stringify(shorten(reason, 300))}. ${what}.`;
}
