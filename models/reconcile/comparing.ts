import type { mongo } from 'mongoose';
import type { Entry } from '../../lib/chain/entry';
import { mapConcurrently } from '../../lib/util/concurrency';
import type { Document } from '../changes/documents';
import { MAJORITY_READ } from '../store/read-write-concerns';
import { BASELINE, isOfChanges, UNACCOUNTED } from './history';
import { BRACKETS } from './ids';
import type { Judge, Suspect } from './judge';
import type { Place } from './position';
import type { Watched } from './watched';

/** Documents, and entries, that are read at a time. */
export const DOCUMENTS = 500;
export const ENTRIES = 200;

/** Compares one portion of documents with the trail. @returns where the next one is; null behind the last */
export async function compareDocuments(judge: Judge, watched: Watched, place: Place): Promise<Place | null> {
  const { bracket, last } = place;
  const type = BRACKETS[bracket];
  if (type === undefined) return null;
  const behind = last === undefined ? {} : { $gt: watched.fromText(last) };
  const filter = { ...watched.filter, _id: { $type: type, ...behind } } as never;
  const cursor = watched.collection.find(filter, { ...MAJORITY_READ, sort: { _id: 1 }, limit: DOCUMENTS });
  const documents = (await cursor.toArray()) as unknown as Document[];
  judge.report.documents += documents.length;
  const met = await mapConcurrently(documents, (document) => judge.meet(watched, document));
  await judge.judge(
    watched,
    met.filter((suspect): suspect is Suspect => suspect !== null),
  );
  const end = documents.at(-1);
  if (documents.length < DOCUMENTS || !end) return { ...place, bracket: bracket + 1, last: undefined };
  return { ...place, last: watched.toText(end._id) };
}

/**
 * Looks for documents that are gone, by one portion of a chain's entries.
 * @returns where the next one is; null behind the last chain
 */
export async function compareTrail(judge: Judge, watched: Watched, place: Place): Promise<Place | null> {
  const tenants = await chainsOf(judge, watched);
  const tenantId = tenants.find((one) => place.tenantId === undefined || one >= place.tenantId);
  if (tenantId === undefined) return null;
  const { action, name } = watched.options;
  const own = typeof action === 'function' ? undefined : [action ?? `${name}.*`, BASELINE, UNACCOUNTED];
  const cursor = tenantId === place.tenantId ? place.cursor : undefined;
  const page = await judge.ledger.list({ tenantId, action: own, order: 'asc', limit: ENTRIES, cursor });
  judge.report.entries += page.length;
  await judge.judge(watched, await gone(judge, watched, page));
  if (page.nextCursor !== null) return { ...place, tenantId, cursor: page.nextCursor };
  const next = tenants.find((one) => one > tenantId);
  return next === undefined ? null : { ...place, tenantId: next, cursor: undefined };
}

async function chainsOf(judge: Judge, watched: Watched): Promise<readonly string[]> {
  const chains =
    watched.options.tenant === undefined ? await judge.tenantsOf(watched, null) : await judge.tenants();
  return [...chains].sort((one, other) => (one < other ? -1 : 1));
}

/** The documents that entries tell of, and that are not there. */
async function gone(judge: Judge, watched: Watched, entries: readonly Entry[]): Promise<Suspect[]> {
  const newest = new Map<string, Entry>();
  for (const entry of entries)
    if (entry.resource !== undefined && entry.resourceType === watched.type && isOfChanges(entry))
      newest.set(entry.resource, entry);
  const suspects = new Map<string, Suspect>();
  for (const [resource, entry] of newest) {
    if ((entry.after ?? null) === null || !isOfModel(entry, watched)) continue;
    const ids = judge.idsOf(watched, entry);
    if (ids) suspects.set(resource, { resource, ids, tenantId: entry.tenantId });
    else judge.report.untold++;
  }
  if (suspects.size === 0) return [];
  const all = [...suspects.values()].flatMap(({ ids }) => ids);
  const filter = { _id: { $in: all } } as mongo.Filter<mongo.Document>;
  const there = await watched.collection.find(filter, { ...MAJORITY_READ, projection: { _id: 1 } }).toArray();
  for (const { _id } of there) suspects.delete(watched.resourceOf(_id) ?? '');
  return [...suspects.values()];
}

/** Whether an entry is of a document of the model, where that has its collection with others. */
function isOfModel({ after }: Entry, { filter }: Watched): boolean {
  const state = after as Record<string, unknown>;
  return Object.entries(filter).every(([key, value]) => !(key in state) || state[key] === value);
}
