import type { JSX } from 'preact';
import { useApp } from './app-context';

/** The names of the columns. */
export function ListHead(): JSX.Element {
  const { t, format } = useApp();
  const columns = [
    ['time', t.list.time(format.zone)],
    ['action', t.filter.action],
    ['actor', t.filter.actor],
    ['resource', t.filter.resource],
    ['outcome', t.filter.outcome],
    ['check', t.list.mark],
  ];
  return (
    <div role="rowgroup" class="head">
      <div role="row" aria-rowindex={1} class="columns">
        {columns.map(([name, text]) => (
          <div role="columnheader" class={name} key={name}>
            {text}
          </div>
        ))}
      </div>
    </div>
  );
}
