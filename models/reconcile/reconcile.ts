import { setTimeout as sleep } from 'node:timers/promises';
import { AuditError, isAuditError } from '../../lib/errors';
import {
  RECONCILED,
  type ReconcileLedger,
  type ReconcileOptions,
  type ReconcileReport,
} from '../../lib/reconcile';
import { assertOptions, Complaints } from '../../lib/util/complaints';
import { compareDocuments, compareTrail } from './comparing';
import { Following } from './following';
import { Judge } from './judge';
import { formatPosition, parsePosition, type Place, type Position } from './position';
import { type AnyModel, type Place as Database, Watched } from './watched';

/** How long it waits for another look, in milliseconds, where it follows a server without change streams. */
const BETWEEN_RUNS = 60_000;

const FLAGS = ['dryRun', 'baseline', 'follow'] as const;
const OTHERS = ['model', 'models', 'tenantId', 'limit', 'position', 'graceMs', 'signal', 'onFinding'];

/**
 * Finds changes of models that have no event, and records them.
 * @param place where the documents are, if not where the models are connected to
 * @throws AuditError `INVALID_OPTIONS`, `TENANT_REQUIRED`, and what the ledger throws
 */
export async function reconcile(
  ledger: ReconcileLedger,
  options: ReconcileOptions,
  place?: Database,
): Promise<ReconcileReport> {
  const models = checkOptions(options);
  const watched: Watched[] = [];
  for (const model of models) watched.push(await Watched.of(model, ledger, place));
  const names = watched.map(({ namespace, type }) => `${namespace}:${type}`);
  const { position } = options;
  let from: Position | null = position === undefined ? null : parsePosition(position, names);
  for (;;) {
    const run = new Run(new Judge(ledger, options), watched, names, options);
    const report = await run.from(from);
    if (!options.follow || options.signal?.aborted) return report;
    from = run.position;
    if (run.isFollowing) continue;
    await sleep(BETWEEN_RUNS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

function checkOptions(options: ReconcileOptions): AnyModel[] {
  assertOptions('audit.reconcile', options);
  const complaints = new Complaints();
  complaints.unknownFields(options, [...FLAGS, ...OTHERS]);
  const { model, models = [], tenantId, limit, graceMs, position, signal, follow } = options;
  const all = [...(model === undefined ? [] : [model]), ...models] as AnyModel[];
  for (const one of all)
    if (!(one as AnyModel | undefined)?.[RECONCILED])
      complaints.add('models', 'models whose schemas have the plugin auditChanges', nameOf(one));
  for (const name of FLAGS)
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      complaints.add(name, 'true or false', options[name]);
  for (const [name, value] of Object.entries({ tenantId, position }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      complaints.add(name, 'a text', value);
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
    complaints.add('limit', 'a whole number from 1', limit);
  if (graceMs !== undefined && !(Number.isFinite(graceMs) && graceMs >= 0))
    complaints.add('graceMs', 'a number of milliseconds', graceMs);
  if (follow && !signal) complaints.missing('signal', 'with `follow` it goes on until the signal is aborted');
  complaints.assertNone('INVALID_OPTIONS', 'audit.reconcile cannot use its options');
  return withoutDiscriminators(all);
}

function nameOf(model: unknown): unknown {
  return (model as { modelName?: unknown } | null | undefined)?.modelName ?? model;
}

/** The documents of discriminators are among those of their base, when that has the plugin. */
function withoutDiscriminators(models: readonly AnyModel[]): AnyModel[] {
  const roots = models.map((model) => {
    const base = model.baseModelName === undefined ? undefined : model.db.models[model.baseModelName];
    const { [RECONCILED]: registration } = (base ?? {}) as Partial<AnyModel>;
    const isOfBase = registration && registration.options === model[RECONCILED]?.options;
    return isOfBase ? (base as unknown as AnyModel) : model;
  });
  return [...new Set(roots)];
}

/** One look at all models. */
class Run {
  private looked = 0;
  private tokens: (string | null)[];
  private place: Place | null = null;
  /** Whether a server told all changes. */
  isFollowing = false;

  constructor(
    private readonly judge: Judge,
    private readonly watched: readonly Watched[],
    private readonly names: string[],
    private readonly options: ReconcileOptions,
  ) {
    this.tokens = names.map(() => null);
  }

  get position(): Position {
    return { models: this.names, tokens: this.tokens, place: this.place };
  }

  async from(position: Position | null): Promise<ReconcileReport> {
    const { report } = this.judge;
    if (this.judge.ledger.isReadOnly && !this.options.dryRun)
      throw new AuditError(
        'READ_ONLY',
        'audit.reconcile records what it finds, and the ledger is read-only: set `dryRun`.',
      );
    try {
      await this.look(position);
    } catch (error) {
      if (!this.options.signal?.aborted) throw error;
      report.isComplete = false;
    }
    report.position = formatPosition(this.position);
    return report;
  }

  private async look(position: Position | null): Promise<void> {
    this.tokens = position?.tokens ?? this.tokens;
    this.place = position?.place ?? null;
    const isToFollow = position !== null && position.place === null && !this.options.baseline;
    if (isToFollow && (await this.followAll())) return;
    // Changes from here on are told by the streams: what is compared meanwhile may be met twice, and is recorded once.
    if (!this.place) {
      this.tokens = await Promise.all(this.watched.map((one) => this.tokenOf(one)));
      this.place = { model: 0, of: 'documents', bracket: 0, isBaseline: this.options.baseline === true };
    }
    this.judge.report.isComplete = await this.compareAll();
  }

  /** @returns whether all was compared */
  private async compareAll(): Promise<boolean> {
    const { report } = this.judge;
    for (; this.place;) {
      if (this.looked >= (this.options.limit ?? Infinity) || this.options.signal?.aborted) return false;
      const before = report.documents + report.entries;
      this.place = await this.next(this.place);
      this.looked += report.documents + report.entries - before;
    }
    return true;
  }

  private async next(place: Place): Promise<Place | null> {
    const watched = this.watched[place.model] as Watched;
    const isBaseline = place.isBaseline === true && this.options.baseline === true && !this.options.dryRun;
    if (place.of === 'documents') {
      const next = await compareDocuments(this.judge, watched, place);
      if (next) return { ...next, isBaseline };
      if (isBaseline) await this.judge.endBaseline(watched);
      return { model: place.model, of: 'trail', bracket: 0, isBaseline };
    }
    const next = await compareTrail(this.judge, watched, place);
    if (next) return next;
    const model = place.model + 1;
    return model < this.watched.length ? { model, of: 'documents', bracket: 0, isBaseline } : null;
  }

  /** @returns whether the server told the changes of all models */
  private async followAll(): Promise<boolean> {
    const followings: Following[] = [];
    try {
      for (const [i, watched] of this.watched.entries()) {
        const token = this.tokens[i] ?? null;
        const following = token === null ? null : await Following.of(this.judge, watched, token);
        if (!following) return false;
        followings.push(following);
      }
      do {
        for (const [i, following] of followings.entries()) {
          await following.catchUp();
          this.tokens[i] = following.place;
        }
      } while (this.options.follow && !this.options.signal?.aborted);
      this.judge.report.by = 'following';
      this.isFollowing = true;
      return true;
    } catch (error) {
      if (isAuditError(error) || this.options.signal?.aborted) throw error;
      return false; // the server tells no more: documents are compared anew
    } finally {
      for (const following of followings) await following.close();
    }
  }

  private async tokenOf(watched: Watched): Promise<string | null> {
    const following = await Following.of(this.judge, watched, null);
    const place = following?.place ?? null;
    await following?.close();
    return place;
  }
}
