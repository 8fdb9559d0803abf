import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalize } from '../../lib/chain/canonical';
import type { Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';
import type { Document } from '../changes/documents';
import { entriesOf, newestState, stateIn } from './history';
import { chainOf, FIRST_WAIT, idOf, type Judge, namesIn, newestOf, TRIES } from './judge';
import type { State } from './states';
import type { Watched } from './watched';

/** How much the clocks of the database and of those who record may differ, in milliseconds. */
const CLOCKS = 300_000;

/** A change as a server tells it. */
export interface FollowedChange {
  id: unknown;
  /** Null where there was no document, and undefined where the server does not have the state. */
  before: Document | null | undefined;
  after: Document | null | undefined;
  /** When, in milliseconds since 1970, as far as it is known. */
  at: number | null;
  /** Names the change, the same for all who follow. */
  token: string;
}

/** The same as events would say it. */
interface States {
  from: State | null;
  to: State | null;
}

/** Tells whether a change has an event, also where later ones have come over it, and records it where it has none. */
export async function judgeFollowed(judge: Judge, watched: Watched, change: FollowedChange): Promise<void> {
  const { id, before, after } = change;
  const { report } = judge;
  const resource = watched.resourceOf(id);
  if (resource === null) {
    report.untold++;
    return;
  }
  if (before === undefined || after === undefined) {
    await judge.judge(watched, [{ resource, ids: [id] }]);
    return;
  }
  const states = statesOf(watched, change, null);
  if (states.from && states.to && canonicalize(states.from.json) === canonicalize(states.to.json)) return;
  const tenants = await judge.tenantsOf(watched, after ?? before);
  const isKnown = () => hasEvent(judge, watched, { resource, tenants, change });
  if (await isSettled(judge, watched, id, isKnown)) return;
  await tell(judge, watched, { resource, tenants, states, token: change.token });
}

function statesOf(watched: Watched, { before, after }: FollowedChange, entry: Entry | null): States {
  const state = (document: Document | null | undefined) =>
    document ? watched.stateOf(document, entry) : null;
  return { from: state(before), to: state(after) };
}

interface Place {
  resource: string;
  tenants: readonly string[];
  states: States;
}

async function hasEvent(
  judge: Judge,
  watched: Watched,
  { resource, tenants, change }: Omit<Place, 'states'> & { change: FollowedChange },
): Promise<boolean> {
  const { at } = change;
  const since = at === null ? '' : new Date(at - CLOCKS).toISOString();
  for (const tenantId of tenants)
    for await (const entry of entriesOf(judge.ledger, { tenantId, resource }, watched.types)) {
      if (entry.recordedAt < since) break;
      const { from, to } = statesOf(watched, change, entry);
      if (isSame(watched, entry, entry.before ?? null, from) && isSame(watched, entry, stateIn(entry), to))
        return true;
    }
  return false;
}

function isSame(watched: Watched, entry: Entry, recorded: Json, now: State | null): boolean {
  if (recorded === null || !now) return recorded === null && !now;
  return watched.compare(recorded, now, entry).isSame;
}

/** Waits while events of the document are under way. @returns whether the change has one */
async function isSettled(
  { ledger, graceMs, signal }: Judge,
  watched: Watched,
  id: unknown,
  isKnown: () => Promise<boolean>,
): Promise<boolean> {
  for (let wait = FIRST_WAIT, tries = 0; tries < TRIES; tries++, wait *= 2) {
    const waiting = await ledger.waitingSubjects([watched.subjectOf(id)]);
    if (await isKnown()) return true;
    if (waiting.length === 0) break;
    await sleep(wait, undefined, { signal });
  }
  if (watched.isAtomic) return false;
  await sleep(graceMs, undefined, { signal });
  return isKnown();
}

/** One that later changes with events have come over says nothing of what the document is now. */
async function tell(
  judge: Judge,
  watched: Watched,
  { resource, tenants, states, token }: Place & { token: string },
): Promise<void> {
  const found: Entry[] = [];
  for (const tenantId of tenants) {
    const entry = await newestState(judge.ledger, { tenantId, resource }, watched.types);
    if (entry) found.push(entry);
  }
  const newest = newestOf(found);
  const { from, to } = states;
  const isNext = !newest || isSame(watched, newest, stateIn(newest), from);
  const last = isNext ? (newest?.seq ?? 0) : null;
  const [before, after] = [from?.json ?? null, to?.json ?? null];
  const tenantId = newest?.tenantId ?? chainOf(tenants);
  const id = idOf([
    tenantId,
    watched.type,
    resource,
    ...(last === null ? ['followed', token] : [last, after]),
  ]);
  const difference = from && to && watched.compare(from.json, to, null);
  const changed = difference?.changed ?? namesIn(before ?? after);
  if (difference) judge.note(watched, difference);
  const kind = !from ? 'created' : !to ? 'deleted' : 'changed';
  await judge.tell(
    watched,
    { kind, type: watched.type, resource, tenantId, changed, id },
    { before, after, last },
  );
}
