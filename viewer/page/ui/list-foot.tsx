import type { JSX } from 'preact';
import { useApp } from './app-context';
import { LookedAt } from './looked-at';

/** What is loaded, and what became of loading more. */
export function ListFoot({ isSearching, found }: { isSearching: boolean; found: number }): JSX.Element {
  const { viewer, t } = useApp();
  const { list } = viewer;
  return (
    <p class="foot">
      <span>
        {isSearching ? t.filter.searchHint(found, list.count) : t.list.loaded(list.count, list.hasMore)}
      </span>
      <LookedAt />
      {list.isLoadingMore ? <span>{t.list.loading}</span> : null}
      {list.failure ? (
        <span class="bad" role="alert">
          {t.list.moreFailed}{' '}
          <button type="button" class="quiet" onClick={() => void list.more()}>
            {t.retry}
          </button>
        </span>
      ) : null}
      {!list.hasMore && !isSearching ? <span>{t.list.end}</span> : null}
    </p>
  );
}
