import { AuditError } from '../../errors';
import { quote } from '../../util/quote';
import { CheckpointCheck, commonKeys, type FileCheckpoint } from './checkpoint-check';
import { FilterCheck } from './filter-check';
import { Frames } from './framing';
import { LineSplitter } from './line-splitter';
import { type ParsedVerifyOptions, parseVerifyOptions, type VerifyEvidenceOptions } from './options';
import { compareCheckpoint, type CheckpointComparison } from './compare-checkpoint';
import { Problems, Refusal } from './problems';
import type { ReadRecord } from './read-record';
import type { CheckpointRecord, EvidenceRecord, Manifest } from '../records';
import type { Anchor } from '../../vocabulary';
import type { EvidenceReport } from './report';
import { type Circumstances, describeReopened, type Findings, notProvenBy, provenBy } from './sentences';
import { RecordWalk } from './record-walk';
import { noteSigners } from '../../notes/note';
import type { Crypto } from '../../crypto/ports';

/** Bytes of an evidence file, in order, cut anywhere; text counts as its UTF-8. */
export type EvidenceStream = AsyncIterable<Uint8Array | string>;

/**
 * Verifies an evidence file in one pass, in memory that grows with the logarithm of its entries. Tampering is a
 * result, not an error; reading stops where the rest of a file has no meaning.
 * @throws AuditError `INVALID_OPTIONS`, or `UNREADABLE` for what is no key, `CHECKPOINT_UNREADABLE` for what is no checkpoint; errors of the stream.
 */
export async function verifyStream(
  stream: EvidenceStream,
  options: VerifyEvidenceOptions,
  crypto: Crypto,
): Promise<EvidenceReport> {
  const verifier = new EvidenceVerifier(parseVerifyOptions(options, crypto), crypto);
  for await (const chunk of stream) if (!verifier.push(chunk)) break;
  return verifier.report();
}

/** The action of entries that record a reopening of their chain; so many are told of. */
const REOPENED = 'ledger.reopened';
const MAX_REOPENINGS = 10;

/** What is known of a file once its manifest is read. */
interface Inside {
  manifest: Manifest;
  walk: RecordWalk;
  filter: FilterCheck;
}

class EvidenceVerifier {
  private readonly problems = new Problems();
  private readonly frames = new Frames((read) => this.take(read));
  private readonly splitter = new LineSplitter((line) => this.frames.line(line));
  private inside: Inside | null = null;
  private checkpoint: CheckpointRecord | null = null;
  private isReadable = true;
  private readonly reopenings: string[] = [];
  /** Records that are right but for the way in which they are written. */
  private flawCount = 0;

  constructor(
    private readonly options: ParsedVerifyOptions,
    private readonly crypto: Crypto,
  ) {}

  /** Whether reading on has any use. */
  push(chunk: Uint8Array | string): boolean {
    assertChunk(chunk);
    this.attempt(() => this.splitter.push(chunk));
    return this.isReadable;
  }

  report(): EvidenceReport {
    if (this.isReadable) this.attempt(() => this.end());
    const checked = this.isReadable ? this.attempt(() => this.checkpointOf()) : null;
    const pin = checked ? this.pin(checked) : null;
    return this.compose(checked, pin);
  }

  private attempt<T>(act: () => T): T | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.problems.add(error.kind, error.seq, error.message);
      this.isReadable = false;
      return null;
    }
  }

  private take({ record, text, flaw }: ReadRecord): void {
    if (this.checkpoint)
      throw unreadable('Something follows the checkpoint, which should be the last record.');
    if (flaw !== null) this.flawed(record, flaw);
    if (!this.inside) this.inside = this.begin(record);
    else this.next(record, text, this.inside);
  }

  private flawed(record: EvidenceRecord, flaw: string): void {
    this.flawCount++;
    this.problems.add('altered', recordSeq(record), `${describeRecord(record)}: ${flaw}.`);
  }

  private begin(record: EvidenceRecord): Inside {
    if (record.type !== 'manifest') throw unreadable('The first record is not a manifest.');
    const { problems, crypto, options } = this;
    const walk = new RecordWalk(record.tenantId, crypto, problems, options.pin?.head.size ?? null);
    return { manifest: record, walk, filter: new FilterCheck(record, problems) };
  }

  private next(record: EvidenceRecord, text: string, { walk, filter }: Inside): void {
    switch (record.type) {
      case 'entry':
        walk.entry(record, text);
        filter.entry(record.entry);
        if (record.entry.action === REOPENED && this.reopenings.length < MAX_REOPENINGS)
          this.reopenings.push(describeReopened(record.entry));
        return;
      case 'omitted':
        walk.omitted(record);
        filter.omitted(record);
        return;
      case 'checkpoint':
        this.checkpoint = record;
        return;
      default:
        throw unreadable('The file holds a second manifest.');
    }
  }

  private end(): void {
    if (this.splitter.isTorn)
      throw truncated('its last line has no line break. A download that ended early does that, or an editor');
    this.frames.end();
    if (!this.checkpoint) throw truncated('the checkpoint is missing');
    this.inside?.filter.end(this.inside.walk.size);
  }

  private checkpointOf(): FileCheckpoint | null {
    if (!this.inside || !this.checkpoint) return null;
    const { manifest, walk } = this.inside;
    const tree = { size: walk.size, root: walk.root };
    return new CheckpointCheck(this.crypto, this.problems).check(this.checkpoint, manifest, tree);
  }

  private pin({ signers }: FileCheckpoint): CheckpointComparison | null {
    const { pin, keys } = this.options;
    const isFalselySigned = signers.length === 0 && this.checkpoint?.keys.length !== 0;
    if (!pin || !this.inside || isFalselySigned) return null;
    const { manifest, walk } = this.inside;
    const file = { manifest, size: walk.size, root: walk.watchedRoot, keys: keys ?? signers };
    const { kind, ...report } = compareCheckpoint(pin, file, this.crypto.verifyEd25519);
    if (kind) this.problems.add(kind, null, report.message);
    return report;
  }

  private compose(checked: FileCheckpoint | null, pin: CheckpointComparison | null): EvidenceReport {
    const isSignedByGivenKey = this.checkGivenKeys(checked);
    const anchor = this.anchorOf(checked, pin, isSignedByGivenKey);
    const circumstances: Circumstances = {
      isSignedByGivenKey,
      allowUntrustedKey: this.options.allowUntrustedKey,
      reopenings: this.reopenings,
      isRewordedOnly: this.flawCount > 0 && this.flawCount === this.problems.count,
    };
    const findings = this.findings(anchor, pin);
    return {
      ...findings,
      proven: provenBy(findings, circumstances),
      notProven: notProvenBy(findings, circumstances),
    };
  }

  /** docs/formats.md §5.1 rule 6: a file that no given key signed is refused; a signature that was taken off must not pass. */
  private checkGivenKeys(checked: FileCheckpoint | null): boolean {
    const { keys } = this.options;
    if (!keys || !checked) return false;
    const { note, signers } = checked;
    const isSigned = noteSigners(note, keys, this.crypto.verifyEd25519).length > 0;
    if (isSigned && commonKeys(signers, keys).length > 0) return true;
    const what = this.checkpoint?.keys.length === 0 ? 'nobody signed it' : 'others signed it';
    this.problems.add('unreadable', null, `The file is not signed by any key that was given: ${what}.`);
    return false;
  }

  /** Nothing holds a broken file in place. */
  private anchorOf(
    checked: FileCheckpoint | null,
    pin: CheckpointComparison | null,
    isSigned: boolean,
  ): Anchor {
    if (!checked || this.problems.count > 0) return 'none';
    if (pin?.result === 'matches') return 'pinned';
    if (isSigned) return 'signed';
    return checked.signers.length > 0 ? 'self-signed' : 'unsigned';
  }

  private findings(anchor: Anchor, pin: CheckpointComparison | null): Findings {
    const { problems, inside } = this;
    const { manifest, walk, filter } = inside ?? {};
    const size = walk?.size ?? 0;
    return {
      verdict: problems.count === 0 ? 'intact' : 'broken',
      anchor,
      ledger: manifest?.ledger ?? null,
      tenantId: manifest?.tenantId ?? null,
      exportedAt: manifest?.exportedAt ?? null,
      filter: manifest?.filter ?? null,
      size,
      anchoredSize: anchoredSize(anchor, size, pin),
      entryCount: walk?.entryCount ?? 0,
      omittedCount: walk?.omittedCount ?? 0,
      scope: filter?.scope ?? null,
      firstSeq: filter?.first ?? null,
      lastSeq: filter?.last ?? null,
      matchCount: filter?.matchCount ?? 0,
      isComplete: problems.count === 0 && filter !== undefined && filter.scope !== 'filtered',
      statedBySigner: filter?.statement !== undefined && filter.statement !== null,
      problemCount: problems.count,
      problems: problems.list,
      keys: this.checkpoint?.keys ?? [],
      pin,
    };
  }
}

function anchoredSize(anchor: Anchor, size: number, pin: CheckpointComparison | null): number {
  if (anchor === 'pinned') return pin?.size ?? 0;
  return anchor === 'signed' || anchor === 'self-signed' ? size : 0;
}

function assertChunk(chunk: unknown): void {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return;
  const mend = 'give a stream of bytes or text, such as fs.createReadStream(path)';
  throw new AuditError('UNREADABLE', `verifyEvidence cannot read ${quote(chunk)} from its stream: ${mend}.`);
}

function recordSeq(record: EvidenceRecord): number | null {
  if (record.type === 'entry') return record.entry.seq;
  return record.type === 'omitted' ? record.first : null;
}

function describeRecord(record: EvidenceRecord): string {
  if (record.type === 'entry') return `The record of entry ${record.entry.seq}`;
  if (record.type === 'omitted') return `The record of the omitted entries ${record.first} to ${record.last}`;
  return `The ${record.type}`;
}

function unreadable(message: string): Refusal {
  return new Refusal('unreadable', null, message);
}

function truncated(what: string): Refusal {
  return new Refusal('truncated', null, `The file is cut off: ${what}.`);
}
