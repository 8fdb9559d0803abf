import type { JSX } from 'preact';
import type { Mark } from '../check/mark-types';
import { useApp } from './app-context';
import { Icon } from './icon';

/** What checking an entry gave: a picture and a word. */
export function MarkBadge({ state }: { state: Mark['state'] }): JSX.Element {
  const { t } = useApp();
  return (
    <span class={`mark ${state}`} data-mark={state}>
      <Icon name={state} />
      <span>{t.mark[state]}</span>
    </span>
  );
}
