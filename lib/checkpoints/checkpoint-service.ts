import type { Entry, Receipt } from '../chain/entry';
import { AuditError, isAuditError } from '../errors';
import type { SigningKey } from './signing-key';
import type { LeaseStore } from '../store/store';
import { SYSTEM_TENANT } from '../vocabulary';
import { type InclusionProof, proveInclusion } from './inclusion-proof';
import { CheckpointCopies } from './copies-file';
import { CheckpointIssuer, type IssuedCheckpoint } from './issuer';
import type { SystemChain } from './system-chain';
import type { LeafSource } from './tree-growth';
import { encodeHex } from '../util/hex';
import { Schedule, type ScheduleOptions } from './schedule';
import type { TreeStore } from '../store/tree-store';

/** When checkpoints are made beside those of exports, and where copies of all go. */
export interface CheckpointOptions extends ScheduleOptions {
  /** A file that each is appended to, on the disk before it counts. */
  file?: string | undefined;
  /** Called with each; a promise is waited for. Send it to a place that nobody with access to the database can write to. */
  onCheckpoint?: ((note: string) => unknown) | undefined;
}

/** What checkpoints work with. */
export interface CheckpointServiceParts {
  store: TreeStore & LeaseStore & LeafSource & SystemChain;
  ledger: string;
  key: SigningKey | null;
  options: CheckpointOptions;
  now: () => number;
  /** Records a checkpoint of another tenant in the ledger's own chain. */
  record: (tenantId: string, statement: { size: number; root: string }) => Promise<unknown>;
  /** Something that no caller waits for went wrong. */
  report(error: AuditError): void;
  /** A tenant's tree contradicts what was signed before. */
  contradicted(tenantId: string, error: AuditError): void;
}

/** Why a proof fails that may succeed once the tree was built anew: a damaged tile alone must not keep anybody from it. */
const REBUILT: ReadonlySet<string> = new Set(['TREE_DAMAGED', 'ENTRY_ALTERED', 'UNREADABLE']);

/** A checkpoint that is being made, and the one after it. */
interface RunningIssue {
  current: Promise<unknown>;
  next: Promise<IssuedCheckpoint> | null;
}

/** All checkpoints of a ledger: issued on request and on a schedule, copied to a file, and recorded in the system chain. */
export class CheckpointService {
  readonly issuer: CheckpointIssuer;
  readonly file: CheckpointCopies | null;
  private readonly schedule: Schedule;
  /** One at a time for each tenant: who asks while one is made gets the next, which has all that was there when they asked. */
  private readonly turns = new Map<string, RunningIssue>();

  constructor(private readonly parts: CheckpointServiceParts) {
    const { store, ledger, key, options, now } = parts;
    this.file = options.file === undefined ? null : new CheckpointCopies(options.file);
    this.issuer = new CheckpointIssuer({
      store,
      ledger,
      key,
      file: this.file,
      published: (tenantId, head) => this.publish(tenantId, head),
      contradicted: (tenantId, error) => parts.contradicted(tenantId, error),
    });
    this.schedule = new Schedule(options, {
      store,
      now,
      covered: async (tenantId) => (await this.issuer.newest(tenantId))?.size ?? 0,
      checkpoint: (tenantId) => this.issue(tenantId),
      failed: (tenantId, error) => this.failed(tenantId, error),
    });
  }

  /** @throws AuditError `CHECKPOINT_CONTRADICTED`, `ENTRY_ALTERED`, `STORE_UNAVAILABLE`. */
  async issue(tenantId: string): Promise<IssuedCheckpoint> {
    const turn = this.turns.get(tenantId);
    if (turn) return (turn.next ??= turn.current.then(() => this.begin(tenantId)));
    return this.begin(tenantId);
  }

  /**
   * Proves that an entry is in the tree of the newest checkpoint; null when none covers it yet.
   * @throws AuditError `ENTRY_ALTERED`.
   */
  async prove(entry: Entry): Promise<InclusionProof | null> {
    const head = await this.issuer.newest(entry.tenantId);
    if (!head || entry.seq > head.size) return null;
    const { store } = this.parts;
    try {
      return await proveInclusion(entry, head, store);
    } catch (error) {
      if (!isAuditError(error) || !REBUILT.has(error.code)) throw error;
      await this.issuer.rebuild(entry.tenantId);
      return proveInclusion(entry, head, store);
    }
  }

  /** An entry of this process is durable. */
  recorded(receipt: Receipt): void {
    this.schedule.recorded(receipt);
  }

  /** Ends the schedule. */
  async stop(): Promise<void> {
    await this.schedule.stop();
  }

  private begin(tenantId: string): Promise<IssuedCheckpoint> {
    const made = this.issuer.issue(tenantId);
    const turn: RunningIssue = { current: made.catch(() => undefined), next: null };
    this.turns.set(tenantId, turn);
    void turn.current.then(() => {
      if (this.turns.get(tenantId) === turn && turn.next === null) this.turns.delete(tenantId);
    });
    return made;
  }

  private async publish(tenantId: string, { note, size, root }: IssuedCheckpoint): Promise<void> {
    const { options, record } = this.parts;
    try {
      await options.onCheckpoint?.(note);
    } catch (cause) {
      const what = 'onCheckpoint threw: the checkpoint is kept, but no copy of it may have been made';
      this.parts.report(new AuditError('CHECKPOINT_NOT_COPIED', `${what}.`, { cause }));
    }
    if (tenantId !== SYSTEM_TENANT) await record(tenantId, { size, root: encodeHex(root) });
  }

  private failed(tenantId: string, cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `No checkpoint of the tenant ${JSON.stringify(tenantId)} was made: ${why}`;
    const isOfDatabase = !isAuditError(cause) || cause.code === 'STORE_UNAVAILABLE';
    const code = isOfDatabase ? 'CHECKPOINT_FAILED' : cause.code;
    this.parts.report(new AuditError(code, what, { cause }));
  }
}
