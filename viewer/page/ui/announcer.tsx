import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { conditionCount } from '../data/filter';
import { useApp, useChanges } from './app-context';

/** How long news are collected before they are told. */
const PAUSE = 1000;

/** Tells those who do not see the list what became of it. */
export function Announcer(): JSX.Element {
  const { viewer, t } = useApp();
  const { list } = viewer;
  useChanges(list);
  const [text, setText] = useState('');
  const now =
    list.pending.length > 0
      ? t.live.fresh(list.pending.length)
      : list.state === 'ready'
        ? list.count === 0
          ? conditionCount(list.filter) > 0
            ? t.state.noMatch
            : t.state.nothing
          : t.list.loaded(list.count, list.hasMore)
        : '';
  useEffect(() => {
    const timer = setTimeout(() => setText(now), PAUSE);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <p class="hidden" role="status">
      {text}
    </p>
  );
}
