import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp, useChanges } from './app-context';
import { ListFoot } from './list-foot';
import { ListHead } from './list-head';
import { NewEntries } from './new-entries';
import { Row, rowId } from './row';
import { FOUND, indexOfEntry, type RowSource, rowsOf, SEARCHED } from './rows';
import { ListState } from './states';
import { useScroll } from './use-scroll';

/** Heights in root ems. */
const ROW = 2.5;
const COMPACT_ROW = 4.75;
const HEAD = 2;

/** Width in root ems below which a row has several lines. */
const COMPACT = 56;

/** The entries that match the filter, or why there are none. */
export function List(): JSX.Element {
  const { viewer } = useApp();
  const { list, verification, opened, view } = viewer;
  useChanges(viewer, list, verification, opened);
  const isSearching = view.search.trim() !== '';
  const rows = rowsOf(list, view.search);
  useEffect(() => {
    const isWanting = isSearching && rows.count < FOUND && list.count < SEARCHED;
    if (isWanting && !list.failure && !list.isResting) void list.more();
  });
  if (list.state !== 'ready' || rows.count === 0) return <ListState isSearching={isSearching} />;
  return <Grid rows={rows} isSearching={isSearching} key={list.generation} />;
}

/** As many of the rows as are visible. */
function Grid({ rows, isSearching }: { rows: RowSource; isSearching: boolean }): JSX.Element {
  const { viewer, t } = useApp();
  const { list, verification, opened, view } = viewer;
  const [width, setWidth] = useState(innerWidth);
  const [active, setActive] = useState(0);
  const em = useMemo(() => parseFloat(getComputedStyle(document.documentElement).fontSize), []);

  const isCompact = width < COMPACT * em;
  const rowHeight = (isCompact ? COMPACT_ROW : ROW) * em;
  const headHeight = isCompact ? 0 : HEAD * em;
  const scroll = useScroll(rows.count, rowHeight, headHeight, view.search);
  const { begin, end, space } = scroll;
  viewer.isAtTop = space.offset < rowHeight / 2;

  useEffect(() => {
    if (scroll.width > 0) setWidth(scroll.width);
  }, [scroll.width]);
  useEffect(() => setActive(0), [view.search]);
  const prepended = useRef(list.prepended);
  useEffect(() => {
    const added = list.prepended - prepended.current;
    prepended.current = list.prepended;
    if (added > 0) setActive((index) => (isSearching ? index : index + added));
  }, [list.prepended]);

  // A filter that somebody chose shows its newest entries, whichever is open.
  const openId = opened.entry?.id;
  const followed = useRef(list.generation > 1 ? openId : undefined);
  useEffect(() => {
    if (scroll.width === 0 || openId === followed.current) return;
    followed.current = openId;
    const index = openId === undefined ? null : indexOfEntry(rows, openId);
    if (index === null) return;
    setActive(index);
    scroll.reveal(index, true);
  }, [openId, scroll.width > 0]);
  // What is opened beside the list may make its rows taller: those that were in view would not be there any more.
  useEffect(() => scroll.reveal(active, true), [rowHeight]);

  useEffect(() => {
    if (!isSearching) list.need({ begin, end });
    const seqs = [];
    for (let index = begin; index < end; index++) seqs.push(rows.at(index)?.seq ?? 0);
    viewer.show(seqs.filter((seq) => seq > 0));
  });

  const openRow = (index: number): void => {
    const item = rows.at(index);
    setActive(index);
    if (item?.entry) viewer.open(item.entry);
    else if (item) viewer.openFault(item.fault);
  };
  const go = (index: number): void => {
    const next = Math.max(0, Math.min(rows.count - 1, index));
    setActive(next);
    scroll.reveal(next);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(active + 1),
    ArrowUp: () => go(active - 1),
    PageDown: () => go(active + scroll.fitting),
    PageUp: () => go(active - scroll.fitting),
    Home: () => go(0),
    End: () => go(rows.count - 1),
    Enter: () => openRow(active),
    ' ': () => openRow(active),
    Escape: () => viewer.close(),
  };
  const pressed = (event: KeyboardEvent): void => {
    const act = event.ctrlKey || event.altKey || event.metaKey ? undefined : keys[event.key];
    if (!act || rows.count === 0) return;
    event.preventDefault();
    act();
  };
  const clicked = (event: MouseEvent): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    // Who selects text does not want to open it.
    if (row && (getSelection()?.isCollapsed ?? true)) openRow(Number(row.dataset['index']));
  };

  const visible = [];
  for (let index = begin; index < end; index++) {
    const item = rows.at(index);
    const mark =
      item?.entry && verification ? verification.markOf(item.entry.seq) : ({ state: 'pending' } as const);
    const isOpen =
      item !== null && (item.entry ? item.entry.id === opened.entry?.id : item.fault === opened.fault);
    const place = { index, top: space.placeOf(index * rowHeight), isActive: index === active, isOpen };
    visible.push(<Row key={item?.seq ?? `row ${index}`} item={item} mark={mark} place={place} />);
  }
  const isActiveThere = active >= begin && active < end;
  return (
    <section class="list">
      <NewEntries toTop={scroll.toTop} />
      <div
        ref={scroll.box}
        class={`grid${isCompact ? ' compact' : ''}`}
        id="entries"
        role="grid"
        tabIndex={0}
        aria-label={t.list.label}
        aria-description={t.list.keys}
        aria-rowcount={list.hasMore || isSearching ? -1 : rows.count + 1}
        aria-colcount={6}
        aria-activedescendant={isActiveThere ? rowId(active) : undefined}
        onKeyDown={pressed}
        onClick={clicked}
      >
        <ListHead />
        <div role="rowgroup" class="space" style={{ height: `${space.height}px` }}>
          {visible}
        </div>
      </div>
      <ListFoot isSearching={isSearching} found={rows.count} />
    </section>
  );
}
