import type { JSX } from 'preact';
import { useApp } from './app-context';

/** How far it was looked for entries that no index finds, and what goes on from there. */
export function LookedAt(): JSX.Element | null {
  const { viewer, t, format } = useApp();
  const { list } = viewer;
  const { lookedAt } = list;
  if (!lookedAt) return null;
  const { entries, recordedAt } = lookedAt;
  return (
    <span class="looked" role="status">
      {t.list.lookedAt(entries, recordedAt === null ? null : format.time(recordedAt))}{' '}
      {list.hasMore && !list.isLoadingMore ? (
        <button type="button" onClick={() => void list.more()}>
          {t.list.lookFurther}
        </button>
      ) : null}
    </span>
  );
}
