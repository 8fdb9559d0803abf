import type { JSX } from 'preact';
import { useApp } from './app-context';
import { Icon } from './icon';

/** Says that there are entries above what is shown, and shows them. */
export function NewEntries({ toTop }: { toTop: () => void }): JSX.Element | null {
  const { viewer, t } = useApp();
  const { list } = viewer;
  if (list.pending.length === 0 && !list.isStale) return null;
  const show = (): void => {
    list.showPending();
    toTop();
    document.getElementById('entries')?.focus();
  };
  return (
    <button type="button" class="pill" onClick={show}>
      <Icon name="up" />
      {list.isStale ? t.live.many : t.live.fresh(list.pending.length)}
    </button>
  );
}
