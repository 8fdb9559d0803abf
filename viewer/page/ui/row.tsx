import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Entry } from '../../../lib/chain/entry';
import type { Mark } from '../check/mark-types';
import type { Item } from '../data/items';
import { useApp } from './app-context';
import { Icon } from './icon';
import { MarkBadge } from './mark-badge';
import { Line, Named, ShortId } from './text';
import { Time } from './time';

/** Where a row stands. */
export interface RowPlace {
  index: number;
  top: number;
  isActive: boolean;
  isOpen: boolean;
}

/** The id of a row's element. */
export const rowId = (index: number): string => `row-${index}`;

/** One row of the list: an entry, what is broken, or nothing yet. */
export function Row({ item, mark, place }: { item: Item | null; mark: Mark; place: RowPlace }): JSX.Element {
  const { index, top, isActive, isOpen } = place;
  // Scrolling renders rows again and again: what is in them stays the same.
  const cells = useMemo(
    () =>
      item?.entry ? (
        <EntryCells entry={item.entry} state={mark.state} />
      ) : item ? (
        <FaultCells item={item} />
      ) : (
        <SkeletonCells />
      ),
    [item, mark.state],
  );
  return (
    <div
      role="row"
      id={rowId(index)}
      class={`row${isActive ? ' active' : ''}${isOpen ? ' open' : ''}${item?.fault ? ' faulty' : ''}`}
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      data-index={index}
      data-seq={item?.seq ?? undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      {cells}
    </div>
  );
}

function EntryCells({ entry, state }: { entry: Entry; state: Mark['state'] }): JSX.Element {
  const { viewer, t } = useApp();
  const { onBehalfOf, actorType } = entry;
  const { recordedAt, actor, actorName, action, resource, resourceName, resourceType, outcome } = entry;
  const resourceId = [resourceType, resource].filter((text) => text !== undefined).join(' ');
  return (
    <>
      <div role="gridcell" class="time">
        <Time instant={recordedAt} />
      </div>
      <div role="gridcell" class="action">
        <Named name={viewer.titleOf(action)} id={action} as={Line} />
      </div>
      <div role="gridcell" class="actor">
        <Named name={actorName} id={actor} as={ShortId} />
        {actorType === 'support' ? <span class="kind">{t.actorTypes.support}</span> : null}
        {onBehalfOf === undefined ? null : (
          <span class="muted">
            {' '}
            {t.list.onBehalfOf} <Named name={viewer.nameOf(onBehalfOf)} id={onBehalfOf} as={ShortId} />
          </span>
        )}
      </div>
      <div role="gridcell" class="resource">
        <Named name={resourceName} id={resourceId} as={ShortId} />
      </div>
      <div role="gridcell" class={`outcome ${outcome}`}>
        <Icon name={outcome} />
        {t.outcomes[outcome]}
      </div>
      <div role="gridcell" class="check">
        <MarkBadge state={state} />
      </div>
    </>
  );
}

function FaultCells({ item }: { item: Item }): JSX.Element {
  const { t } = useApp();
  return (
    <>
      <div role="gridcell" class="fault" aria-colspan={5}>
        <strong>{t.list.broken(item.seq, item.fault?.first)}</strong>{' '}
        <Line text={item.fault?.message ?? ''} />
      </div>
      <div role="gridcell" class="check">
        <MarkBadge state="broken" />
      </div>
    </>
  );
}

function SkeletonCells(): JSX.Element {
  return (
    <div role="gridcell" class="skeleton" aria-colspan={6}>
      <span />
      <span />
      <span />
    </div>
  );
}
