import { inLanguage } from '../../../lib/catalogue/words';
import type { Entry } from '../../../lib/chain/entry';
import { Verification, type VerificationParts } from '../check/verification';
import { Address } from './address';
import type { Api, Permission, Session, StreamState } from './api';
import { Emitter } from './emitter';
import { asFailure, type Failure } from './failure';
import { type Filter, isOpenEnded, isSameFilter, NO_FILTER, type View } from './filter';
import type { Broken } from './items';
import { Live, type Source } from './live';
import { Opened } from './opened';
import { Overview } from './overview';
import { READ_ACTION, TrailList } from './trail-list';

/** How often it is looked whether there is a newer checkpoint. */
const CHECKPOINTS = 60_000;

/** What the page is made with. */
export interface ViewerParts extends Pick<
  VerificationParts,
  'sha256' | 'crypto' | 'node' | 'memory' | 'pause'
> {
  api: Api;
  missing: (first: number, last: number) => string;
  /** Of the page, such as `de`. */
  language: string;
  /** Listens to a stream; an `EventSource` when left out. */
  connect?: (url: string) => Source;
}

/** All that the page knows, and what somebody can do with it. */
export class Viewer extends Emitter {
  session: Session | null = null;
  failure: Failure | null = null;
  view: View;
  verification: Verification | null = null;
  /** Streams of the tenant to other systems, as they were when the page was opened, or looked at last. */
  streams: readonly StreamState[] = [];
  /** Whether the list shows its newest entries: live ones are put there. */
  isAtTop = true;

  readonly api: Api;
  readonly list: TrailList;
  readonly overview: Overview;
  readonly live: Live;
  readonly opened: Opened;

  private readonly address: Address;
  private visible: readonly number[] = [];
  private readonly names = new Map<string, string>();

  constructor(private readonly parts: ViewerParts) {
    super();
    const { api } = parts;
    this.api = api;
    this.address = new Address((view) => this.arrive(view));
    this.view = this.address.read();
    const loaded = (entries: Entry[]): void => {
      for (const { actor, actorName } of entries)
        if (actorName !== undefined) this.names.set(actor, actorName);
      this.verification?.add(entries);
    };
    this.list = new TrailList(
      api,
      { loaded, dropped: (items) => this.dropped(items.flatMap(({ seq }) => seq ?? [])) },
      parts.missing,
    );
    this.overview = new Overview(api);
    this.live = new Live(
      parts.connect ?? ((url) => new EventSource(url)),
      (entry) => this.happened(entry),
      () => void this.list.catchUp(this.isAtTop),
    );
    this.opened = new Opened(api, (seq) => this.loadedEntry((entry) => entry.seq === seq));
  }

  may(permission: Permission): boolean {
    return this.session?.permissions.includes(permission) ?? false;
  }

  /** Begins, also anew. */
  async start(): Promise<void> {
    this.failure = null;
    this.changed();
    try {
      this.session = await this.api.session();
    } catch (error) {
      this.failure = asFailure(error);
    }
    if (this.session && this.may('read')) this.begin(this.session);
    this.changed();
  }

  /** Asks how the streams go. */
  async lookAtStreams(signal?: AbortSignal): Promise<void> {
    this.streams = await this.api.streams(signal);
    this.changed();
  }

  /** Shows other entries. */
  setFilter(change: Partial<Filter>): void {
    const filter = { ...this.view.filter, ...change };
    if (isSameFilter(filter, this.view.filter)) return;
    this.view = { ...this.view, filter };
    this.address.push(this.view);
    this.load();
    this.changed();
  }

  resetFilter(): void {
    this.search('');
    this.setFilter(NO_FILTER);
  }

  /** Looks for a text in what is loaded. */
  search(search: string): void {
    this.view = { ...this.view, search };
    this.address.type(this.view);
    this.changed();
  }

  /** Looks for words in all entries, in place of those that are loaded. */
  searchAll(text: string): void {
    this.search('');
    this.setFilter({ text: text.slice(0, 200) });
  }

  /** The name of somebody, as an entry that was loaded has it. */
  nameOf(id: string): string | undefined {
    return this.names.get(id);
  }

  /** What an action is called in the language of the page, if the application says so. */
  titleOf(action: string): string | undefined {
    const titles = this.session?.titles ?? {};
    const words = Object.hasOwn(titles, action) ? titles[action] : undefined;
    return words === undefined ? undefined : inLanguage(words, this.parts.language) || undefined;
  }

  /** Opens an entry that is at hand. */
  open(entry: Entry): void {
    this.opened.show(entry);
    this.go(entry.id);
  }

  /** Opens what stands where an entry should be. */
  openFault(fault: Broken): void {
    this.close();
    this.opened.showFault(fault);
  }

  /** Opens the entry with a number. */
  async openNumbered(seq: number): Promise<void> {
    const entry = await this.opened.fetch(seq);
    if (entry) this.go(entry.id);
    this.checkOpened();
  }

  /** Tries again to open what could not be. */
  async reopen(): Promise<void> {
    const entry = await this.opened.retry();
    if (entry) this.go(entry.id);
  }

  close(): void {
    if (!this.opened.isOpen) return;
    const { seq } = this.opened.entry ?? {};
    this.opened.close();
    if (seq !== undefined && !this.loadedEntry((entry) => entry.seq === seq)) this.verification?.drop([seq]);
    if (this.view.entryId !== null) this.go(null);
  }

  /** Says which entries the list shows. */
  show(seqs: readonly number[]): void {
    this.visible = seqs;
    const { seq } = this.opened.entry ?? {};
    this.verification?.show(seq === undefined ? seqs : [...seqs, seq]);
  }

  private begin(session: Session): void {
    const { api, sha256, crypto, node, memory, pause } = this.parts;
    const isFirst = this.verification === null;
    // Somebody else may have signed in meanwhile.
    this.verification = new Verification({ api, session, sha256, crypto, node, memory, pause });
    void this.list.anchored(0, true);
    this.load();
    void this.refresh(this.verification);
    // The trail is there without them.
    void this.lookAtStreams().catch(() => undefined);
    if (isFirst) {
      setInterval(() => this.lookForCheckpoint(), CHECKPOINTS);
      const turned = (): void => this.live.setHidden(document.visibilityState === 'hidden');
      document.addEventListener('visibilitychange', turned);
      turned();
    }
    if (this.view.entryId !== null) void this.openNamed(this.view.entryId);
  }

  private load(): void {
    const { filter } = this.view;
    this.isAtTop = true;
    void this.list.open(filter);
    void this.overview.load(filter);
    if (isOpenEnded(filter, Date.now())) this.live.open(this.api.streamUrl(filter));
    else this.live.close();
  }

  private arrive(view: View): void {
    const isSame = isSameFilter(view.filter, this.view.filter);
    this.view = view;
    if (!isSame) this.load();
    if (view.entryId === null) this.opened.close();
    else if (this.opened.entry?.id !== view.entryId) void this.openNamed(view.entryId);
    this.changed();
  }

  private async openNamed(id: string): Promise<void> {
    const loaded = this.loadedEntry((entry) => entry.id === id);
    if (loaded) this.opened.show(loaded);
    else await this.opened.fetch(id);
    this.checkOpened();
  }

  private go(entryId: string | null): void {
    this.view = { ...this.view, entryId };
    this.address.push(this.view);
    this.checkOpened();
    this.changed();
  }

  private checkOpened(): void {
    if (this.opened.entry) this.verification?.add([this.opened.entry]);
    this.show(this.visible);
  }

  private happened(entry: Entry): void {
    this.list.live(entry, this.isAtTop);
    if (entry.action !== READ_ACTION) this.overview.touch();
  }

  private dropped(seqs: readonly number[]): void {
    const open = this.opened.entry?.seq;
    this.verification?.drop(seqs.filter((seq) => seq !== open));
  }

  private lookForCheckpoint(): void {
    if (document.visibilityState === 'visible' && this.verification) void this.refresh(this.verification);
  }

  private async refresh(verification: Verification): Promise<void> {
    await verification.refresh();
    const { checkpoint } = verification;
    if (checkpoint.state === 'signed' && verification === this.verification)
      await this.list.anchored(checkpoint.size, this.isAtTop);
  }

  private loadedEntry(matches: (entry: Entry) => boolean): Entry | null {
    for (const { item } of this.list.loaded()) if (item.entry && matches(item.entry)) return item.entry;
    return null;
  }
}
