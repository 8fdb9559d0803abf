import type { mongo } from 'mongoose';
import { attempt } from '../../lib/util/attempt';
import type { Document } from '../changes/documents';
import { type FollowedChange, judgeFollowed } from './followed';
import type { Judge } from './judge';
import type { Watched } from './watched';

/** What a change stream tells that is read here. */
interface ChangeEvent {
  _id: unknown;
  operationType: string;
  documentKey?: { _id: unknown };
  fullDocument?: Document | null;
  fullDocumentBeforeChange?: Document | null;
  wallTime?: unknown;
  /** Of a transaction. */
  lsid?: { id: unknown };
  txnNumber?: unknown;
}

const CHANGES: ReadonlySet<string> = new Set(['insert', 'update', 'replace', 'delete']);

/** States before and after, where the collection keeps them: otherwise documents are compared with the trail, one by one. */
const IMAGES = { fullDocument: 'whenAvailable', fullDocumentBeforeChange: 'whenAvailable' } as const;

/** The changes of a model's documents, as the server tells them. */
export class Following {
  /** The changes of one document in one transaction, which have one event. */
  private open: { key: string; change: FollowedChange } | null = null;
  private token: unknown;

  private constructor(
    private readonly judge: Judge,
    private readonly watched: Watched,
    private readonly stream: mongo.ChangeStream,
  ) {
    this.token = stream.resumeToken;
  }

  /**
   * @param after where an earlier one was
   * @returns null where the server has no change streams, or does not know the place any more
   */
  static async of(judge: Judge, watched: Watched, after: string | null): Promise<Following | null> {
    const place = after === null ? {} : { resumeAfter: watched.fromText(after) };
    const stream = watched.collection.watch([], { ...IMAGES, ...place });
    const following = new Following(judge, watched, stream);
    try {
      const first = await stream.tryNext();
      following.token = stream.resumeToken;
      if (first) await following.take(first as unknown as ChangeEvent);
      return following;
    } catch {
      await following.close();
      return null;
    }
  }

  /** Where it is, behind all that was judged; null while it is not known. */
  get place(): string | null {
    return this.token === undefined ? null : this.watched.toText(this.token);
  }

  /** Judges what the server has to tell now. */
  async catchUp(): Promise<void> {
    for (let next = await this.stream.tryNext(); next; next = await this.stream.tryNext())
      await this.take(next as unknown as ChangeEvent);
    await this.settle();
    this.token = this.stream.resumeToken;
  }

  async close(): Promise<void> {
    await this.stream.close().catch(() => undefined);
  }

  private async take(event: ChangeEvent): Promise<void> {
    const { operationType, documentKey } = event;
    if (!CHANGES.has(operationType) || !documentKey) return;
    this.judge.report.entries++;
    const change = this.changeIn(event, documentKey._id);
    const key = this.keyOf(event, documentKey._id);
    if (this.open && key !== null && this.open.key === key) {
      this.open.change = { ...change, before: this.open.change.before };
      return;
    }
    await this.settle();
    if (key === null) await judgeFollowed(this.judge, this.watched, change);
    else this.open = { key, change };
    this.token = this.open ? this.token : event._id;
  }

  private async settle(): Promise<void> {
    const { open } = this;
    this.open = null;
    if (open) await judgeFollowed(this.judge, this.watched, open.change);
  }

  private changeIn(event: ChangeEvent, id: unknown): FollowedChange {
    const { operationType, fullDocument, fullDocumentBeforeChange, wallTime } = event;
    return {
      id,
      before: operationType === 'insert' ? null : (fullDocumentBeforeChange ?? undefined),
      after: operationType === 'delete' ? null : (fullDocument ?? undefined),
      at: wallTime instanceof Date ? wallTime.getTime() : null,
      token: this.watched.toText(event._id),
    };
  }

  /** Names the transaction and the document; null outside of transactions. */
  private keyOf({ lsid, txnNumber }: ChangeEvent, id: unknown): string | null {
    if (lsid === undefined || txnNumber === undefined) return null;
    return attempt(() => this.watched.toText([lsid.id, txnNumber, id])) ?? null;
  }
}
