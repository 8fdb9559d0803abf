import type { Readable } from 'node:stream';
import type { Receipt } from './chain/entry';
import type { CheckpointService } from './checkpoints/checkpoint-service';
import type { InclusionProof } from './checkpoints/inclusion-proof';
import type { ReopeningStatement } from './checkpoints/reopening';
import { AuditError } from './errors';
import type { AuditEvent } from './event/event';
import type { Secrets } from './event/secrets';
import { EXPORT_ACTION } from './evidence/records';
import { exportEvidence } from './evidence/write/export-evidence';
import { checkpointOrigin } from './notes/checkpoint';
import { formatVerifierKey } from './notes/note';
import type { ParsedOptions } from './options';
import { assertNames } from './read/assert-names';
import { type ExportQuery, parseExportQuery } from './read/export-query';
import { getEntry } from './read/read-entries';
import { currentScope, type Scope } from './scope';
import { readOnly } from './store/read-only-store';
import type { Store } from './store/store';
import type { VerifyOptions } from './verify/options';
import { reopenChain, type ReopenOptions } from './verify/reopen';
import { verifyChain, type VerificationReport } from './verify/verify-chain';
import { LEDGER_ACTOR } from './vocabulary';

/** What proofs are made with. */
export interface ProofParts {
  store: Store;
  options: ParsedOptions;
  checkpoints: CheckpointService;
  now: () => number;
  secrets: () => Secrets;
  /** Records an event of the ledger's own. */
  record: (event: AuditEvent, scope: Scope | null) => Promise<Receipt>;
}

/** What a ledger states of its chains, and what others check: checkpoints, evidence, proofs, and the record of a reopened chain. */
export class Proofs {
  constructor(private readonly parts: ProofParts) {}

  /** See `Ledger.exportAs`. */
  async exportAs(admitted: AuditEvent['actor'], query: ExportQuery, isRecorded: boolean): Promise<Readable> {
    const { store, options, checkpoints, now, secrets, record } = this.parts;
    const { ledger, readOnly: isReadOnly } = options;
    const parsed = parseExportQuery(query, (text) => secrets().isText(text));
    const scope = currentScope();
    const actor = admitted ?? scope?.origin().actor ?? parsed.exportedBy;
    const { tenantId, proof } = parsed;
    const parts = { store, ledger, checkpoints, now };
    // A file that proves itself needs the entry that states what was asked for.
    if (isReadOnly && proof) throw readOnly();
    if ((!isRecorded || isReadOnly) && !proof) return exportEvidence(parsed, null, parts);
    const recordExport = (statement: object) =>
      record({ tenantId, action: EXPORT_ACTION, actor, metadata: { ...statement } }, scope);
    return exportEvidence(parsed, recordExport, parts);
  }

  /** See `Audit.verify`. */
  async verify(
    { tenantId, ...options }: { tenantId: string } & VerifyOptions,
    signal: AbortSignal | undefined,
  ): Promise<VerificationReport> {
    assertNames('verify', { tenantId });
    const { store, checkpoints } = this.parts;
    const { ledger, key } = this.parts.options;
    return verifyChain(tenantId, { store, ledger, key, file: checkpoints.file, signal }, options);
  }

  /** See `Audit.checkpoint`. */
  async checkpoint(tenantId: string): Promise<string> {
    const { options, checkpoints } = this.parts;
    if (!options.key) {
      const mend = 'give createAudit a `signingKey` and the name of its `ledger`';
      throw new AuditError('SIGNING_KEY_REQUIRED', `A checkpoint is signed: ${mend}.`);
    }
    return (await checkpoints.issue(tenantId)).note;
  }

  /** See `Audit.reopen`. */
  async reopen(options: ReopenOptions): Promise<ReopeningStatement | null> {
    const { store, checkpoints, now, secrets } = this.parts;
    const { ledger, key } = this.parts.options;
    const actor = options.actor ?? currentScope()?.origin().actor ?? LEDGER_ACTOR;
    const record = (event: AuditEvent) => this.parts.record(event, null);
    const checkpoint = (tenantId: string) => checkpoints.issue(tenantId);
    const parts = { store, ledger, key, file: checkpoints.file, now, record, checkpoint };
    const given: unknown = options.reason;
    const reason = (typeof given === 'string' ? secrets().redactText(given) : given) as string;
    return reopenChain({ ...options, reason, actor }, parts);
  }

  /** Who signs a tenant's checkpoints: the ledger's name, and its verifier key if it has one. */
  signer(tenantId: string): { ledger: string; verifierKey: string | null } {
    assertNames('checkpoint', { tenantId });
    const { ledger, key } = this.parts.options;
    const verifierKey = key && formatVerifierKey(key.verifierKey(checkpointOrigin(ledger, tenantId)));
    return { ledger, verifierKey };
  }

  /** The newest signed note of a tenant; null without one. */
  async newestCheckpoint(tenantId: string): Promise<string | null> {
    assertNames('checkpoint', { tenantId });
    const { options, checkpoints } = this.parts;
    const newest = options.key && (await checkpoints.issuer.newest(tenantId));
    return newest ? newest.note : null;
  }

  /** See `Audit.prove`. */
  async prove(name: { tenantId: string; id: string }): Promise<InclusionProof | null> {
    const entry = await getEntry(name, this.parts.store);
    return entry && this.parts.checkpoints.prove(entry);
  }
}
