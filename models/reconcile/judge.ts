import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalize } from '../../lib/chain/canonical';
import type { Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';
import { sha256 } from '../../lib/crypto/node';
import { AuditError, isAuditError } from '../../lib/errors';
import type { Finding, ReconcileLedger, ReconcileOptions, ReconcileReport } from '../../lib/reconcile';
import { LEDGER_ACTOR, SYSTEM_TENANT } from '../../lib/vocabulary';
import type { Document } from '../changes/documents';
import { MAJORITY_READ } from '../store/read-write-concerns';
import { BASELINE, newestState, stateIn, UNACCOUNTED } from './history';
import { idsOf, isMadeAfter } from './ids';
import type { Difference } from './states';
import type { Watched } from './watched';

/** How long the event of a change may take that is not part of a transaction, in milliseconds. */
const GRACE = 5_000;

/** How often a document is looked at that changes all the time, or whose event is about to be linked; and the first wait. */
export const TRIES = 9;
export const FIRST_WAIT = 20;

/** Findings, and paths of a type, that a report has. */
const MOST_FINDINGS = 1_000;
const MOST_PATHS = 100;

/** Chains that a document's events are looked for in, where it does not say whose it is. */
const MOST_TENANTS = 100;

/** A document whose state the trail may not have. */
export interface Suspect {
  resource: string;
  /** What finds it in the database. */
  ids: readonly unknown[];
  /** Whose it was, where it is gone. */
  tenantId?: string | undefined;
}

/** What is known of a document at one moment. */
interface Look {
  document: Document | null;
  tenants: readonly string[];
  /** The entry that says what it is, and whether that is so. */
  entry: Entry | null;
  difference: Difference;
  now: Json;
}

/** Tells whether a document's state has an event, and records it where it has none. */
export class Judge {
  readonly report: ReconcileReport = {
    by: 'comparing',
    ...{
      documents: 0,
      entries: 0,
      changed: 0,
      created: 0,
      deleted: 0,
      noHistory: 0,
      baselined: 0,
      busy: 0,
      untold: 0,
    },
    ...{ findings: [], notCompared: {}, position: '', isComplete: true },
  };
  private allTenants: Promise<string[]> | undefined;
  private readonly firstMade = new Map<string, Promise<string | null>>();
  private readonly baselines = new Map<string, Promise<boolean>>();

  constructor(
    readonly ledger: ReconcileLedger,
    private readonly options: ReconcileOptions,
  ) {}

  get graceMs(): number {
    return this.options.graceMs ?? GRACE;
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** The chains that may have events of any document. */
  tenants(): Promise<string[]> {
    return (this.allTenants ??= this.ledger
      .tenants()
      .then((all) => all.filter((one) => one !== SYSTEM_TENANT)));
  }

  /**
   * The chains that may have events of a document; for null, of one that is gone from the chain of a tenant.
   * @throws AuditError `TENANT_REQUIRED` where they are too many
   */
  async tenantsOf(
    watched: Watched,
    document: Document | null,
    tenantId?: string,
  ): Promise<readonly string[]> {
    const own = document ? watched.tenantOf(document) : undefined;
    if (own !== undefined) return [own];
    const given = this.options.tenantId ?? watched.keeping.defaultTenant;
    if (given !== undefined && (document || watched.options.tenant === undefined)) return [given];
    const all = await this.tenants();
    if (all.length <= MOST_TENANTS) return all;
    // One that was handed on from tenant to tenant is looked for in the chain that it is missing from.
    if (tenantId !== undefined && watched.options.tenant !== undefined) return [tenantId];
    const mend = 'give auditChanges the option `tenant`, or audit.reconcile a `tenantId`';
    const what = `Nothing says whose the documents of ${watched.namespace} are, and there are more than ${MOST_TENANTS} tenants`;
    throw new AuditError('TENANT_REQUIRED', `${what}: ${mend}.`);
  }

  /** Looks at a document that was just read. Gives what to look at again. */
  async meet(watched: Watched, document: Document): Promise<Suspect | null> {
    const resource = watched.resourceOf(document._id);
    if (resource === null) {
      this.report.untold++;
      return null;
    }
    const look = await this.lookAt(watched, resource, document);
    if (look.difference.isSame) {
      this.note(watched, look.difference);
      return null;
    }
    return { resource, ids: [document._id] };
  }

  /** Judges suspects, and records what has no event. */
  async judge(watched: Watched, suspects: readonly Suspect[]): Promise<void> {
    if (suspects.length === 0) return;
    const { graceMs, signal } = this;
    const first = new Map<Suspect, string>();
    for (const suspect of suspects) first.set(suspect, await this.stateName(watched, suspect));
    if (!watched.isAtomic) await sleep(graceMs, undefined, { signal });
    for (const suspect of suspects) await this.confirm(watched, suspect, first.get(suspect));
  }

  private async stateName(watched: Watched, suspect: Suspect): Promise<string> {
    const document = await this.find(watched, suspect);
    return nameOf(await this.lookAt(watched, suspect.resource, document, suspect.tenantId));
  }

  /**
   * A change and its event are one transaction, and events of one document are linked in the order of its changes. So where the
   * newest event was the same before and after a look at the document and then at the outbox, which had none of it, it is that of
   * the last recorded change: a state that differs has none.
   * @returns what was found; null where it has an event, or none can be told
   */
  async confirm(watched: Watched, suspect: Suspect, known?: string): Promise<Finding | null> {
    let before = known ?? (await this.stateName(watched, suspect));
    for (let wait = FIRST_WAIT, tries = 0; tries < TRIES; tries++, wait *= 2) {
      this.allTenants = undefined; // the newest event may have begun a chain
      const document = await this.find(watched, suspect);
      const ids = document ? [document._id] : suspect.ids;
      const waiting = await this.ledger.waitingSubjects(ids.map((id) => watched.subjectOf(id)));
      const look = await this.lookAt(watched, suspect.resource, document, suspect.tenantId);
      if (look.difference.isSame) {
        this.note(watched, look.difference);
        return null;
      }
      const name = nameOf(look);
      if (waiting.length === 0 && name === before) return this.found(watched, suspect.resource, look);
      before = name;
      await sleep(wait, undefined, { signal: this.options.signal });
    }
    this.report.busy++;
    return null;
  }

  private async find(watched: Watched, { ids, resource }: Suspect): Promise<Document | null> {
    const filter = { _id: { $in: ids } } as never;
    const found = (await watched.collection.find(filter, MAJORITY_READ).toArray()) as unknown as Document[];
    return found.find(({ _id }) => watched.resourceOf(_id) === resource) ?? null;
  }

  private async lookAt(
    watched: Watched,
    resource: string,
    document: Document | null,
    tenantId?: string,
  ): Promise<Look> {
    const tenants = await this.tenantsOf(watched, document, tenantId);
    const entries: Entry[] = [];
    for (const one of tenants) {
      const entry = await newestState(this.ledger, { tenantId: one, resource }, watched.types);
      if (entry) entries.push(entry);
    }
    // Chains have no order among them: whichever has the state accounts for it.
    const looks = entries.map((entry) => this.compared(watched, document, tenants, entry));
    const newest = newestOf(entries);
    return (
      looks.find(({ difference }) => difference.isSame) ??
      looks.find(({ entry }) => entry === newest) ??
      this.compared(watched, document, tenants, null)
    );
  }

  private compared(
    watched: Watched,
    document: Document | null,
    tenants: readonly string[],
    entry: Entry | null,
  ): Look {
    const now = document && watched.stateOf(document, entry);
    const recorded = stateIn(entry);
    const difference =
      now && recorded !== null
        ? watched.compare(recorded, now, entry)
        : {
            isSame: !now && recorded === null,
            changed: namesIn(recorded ?? now?.json ?? null),
            notCompared: [],
          };
    return { document, tenants, entry, difference, now: now?.json ?? null };
  }

  /** What has no event, unless it may be older than events are. */
  private async found(watched: Watched, resource: string, look: Look): Promise<Finding | null> {
    const { entry, document, now, difference, tenants } = look;
    this.note(watched, difference);
    const tenantId = entry?.tenantId ?? chainOf(tenants);
    if (!entry && document && !(await this.isNewer(watched, resource, tenantId))) {
      this.report.noHistory++;
      if (this.options.baseline && !this.options.dryRun)
        await this.recordBaseline(watched, { tenantId, resource, now });
      return null;
    }
    const kind = document ? (stateIn(entry) === null ? 'created' : 'changed') : 'deleted';
    const last = entry?.seq ?? 0;
    // In the words of whoever has recorded it, so that it is compared with the same the next time.
    const type = entry?.resourceType ?? watched.type;
    const id = idOf([tenantId, type, resource, last, now]);
    const finding: Finding = { kind, type, resource, tenantId, changed: difference.changed, id };
    await this.tell(watched, finding, { before: stateIn(entry), after: now, last });
    return finding;
  }

  /** Records a finding, and tells it. */
  async tell(
    watched: Watched,
    finding: Finding,
    { before, after, last }: { before: Json; after: Json; last: number | null },
  ): Promise<void> {
    const { report, options, ledger } = this;
    const { kind, type, resource, tenantId, changed, id } = finding;
    if (!options.dryRun) {
      const metadata = { kind, changed, collection: watched.collection.collectionName, last };
      const event = {
        action: UNACCOUNTED,
        tenantId,
        id,
        resource: { id: resource, type },
        before,
        after,
        metadata,
      };
      try {
        await ledger.record({ ...event, actor: LEDGER_ACTOR });
      } catch (error) {
        if (!isAuditError(error) || error.code !== 'ID_CONFLICT') throw error; // another version has told it in its words
      }
    }
    report[kind]++;
    if (report.findings.length < MOST_FINDINGS) report.findings.push(finding);
    options.onFinding?.(finding);
  }

  /** Whether a document without any event was made when events were recorded already. */
  private async isNewer(watched: Watched, resource: string, tenantId: string): Promise<boolean> {
    if (await this.hasBaseline(watched)) return true;
    const first = await this.firstMadeIn(watched, tenantId);
    return first !== null && isMadeAfter(resource, first);
  }

  /** The resource of the first event that tells of a new document in a chain. */
  private firstMadeIn(watched: Watched, tenantId: string): Promise<string | null> {
    const { action, name } = watched.options;
    if (typeof action === 'function') return Promise.resolve(null);
    const key = `${tenantId}\0${name}`;
    const query = { tenantId, action: action ?? `${name}.create`, order: 'asc', limit: 1 } as const;
    const first =
      this.firstMade.get(key) ?? this.ledger.list(query).then(([entry]) => entry?.resource ?? null);
    if (this.firstMade.size >= MOST_TENANTS) this.firstMade.clear();
    this.firstMade.set(key, first);
    return first;
  }

  private hasBaseline(watched: Watched): Promise<boolean> {
    const key = baselineId(watched);
    const known =
      this.baselines.get(key) ?? this.ledger.get({ tenantId: SYSTEM_TENANT, id: key }).then(Boolean);
    this.baselines.set(key, known);
    return known;
  }

  private async recordBaseline(
    watched: Watched,
    { tenantId, resource, now }: { tenantId: string; resource: string; now: Json },
  ): Promise<void> {
    const metadata = { collection: watched.collection.collectionName, last: 0 };
    const id = idOf(['baseline', tenantId, watched.type, resource, now]);
    const event = {
      action: BASELINE,
      tenantId,
      id,
      resource: { id: resource, type: watched.type },
      after: now,
      metadata,
    };
    await this.ledger.record({ ...event, actor: LEDGER_ACTOR });
    this.report.baselined++;
  }

  /** States that all documents of a model are known: whatever has no event from now on is new. */
  async endBaseline(watched: Watched): Promise<void> {
    if (await this.hasBaseline(watched)) return;
    const { type, namespace } = watched;
    const event = {
      action: BASELINE,
      tenantId: SYSTEM_TENANT,
      id: baselineId(watched),
      metadata: { type, namespace },
    };
    await this.ledger.record({ ...event, actor: LEDGER_ACTOR });
    this.baselines.clear();
  }

  note(watched: Watched, { notCompared }: Difference): void {
    const known = (this.report.notCompared[watched.type] ??= [...watched.view.unrecorded].slice(
      0,
      MOST_PATHS,
    ));
    for (const path of notCompared) if (known.length < MOST_PATHS && !known.includes(path)) known.push(path);
  }

  /** What finds the document of an entry; null where its id does not tell. */
  idsOf(watched: Watched, { resource = '', after }: Entry): unknown[] | null {
    const recorded = (after as { _id?: Json } | null | undefined)?._id;
    return idsOf(resource, recorded, watched.bson);
  }
}

/** The chain that a finding without history is recorded in: where it may be of several tenants, the ledger's own. */
export function chainOf([only, ...others]: readonly string[]): string {
  return only === undefined || others.length > 0 ? SYSTEM_TENANT : only;
}

/** Of entries in several chains the one whose change was the last: each chain may be recorded at a time of its own. */
export function newestOf(entries: readonly Entry[]): Entry | null {
  let newest: Entry | null = null;
  for (const entry of entries) if (!newest || entry.occurredAt > newest.occurredAt) newest = entry;
  return newest;
}

/** Names which entry says what a document is. */
function nameOf({ entry, tenants }: Look): string {
  return JSON.stringify([tenants, entry && [entry.tenantId, entry.id]]);
}

/** What of a state that was all there was, or is, has changed. */
export function namesIn(json: Json): string[] {
  return Object.keys(json ?? {}).filter((name) => name !== '_id');
}

/** Names what was found, the same for all who find it. */
export function idOf(parts: Json[]): string {
  return `unaccounted-${sha256(canonicalize(parts))}`;
}

function baselineId({ namespace, type }: Watched): string {
  return `baseline-${sha256(canonicalize([namespace, type]))}`;
}
