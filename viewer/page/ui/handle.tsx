import type { JSX } from 'preact';
import type { Histogram } from '../data/api';
import { useApp } from './app-context';
import { countOf, edgeOf, moved, type Span } from './brush';

/** Parts of the whole that Page Up and Page Down move by. */
const PAGES = 10;

/** One end of the period that is being chosen, for the keyboard. */
export function Handle({
  edge,
  span,
  count,
  data,
  setSpan,
  apply,
  discard,
}: {
  edge: 'begin' | 'end';
  span: Span;
  count: number;
  data: Histogram;
  setSpan: (span: Span) => void;
  apply: () => void;
  discard: () => void;
}): JSX.Element {
  const { t, format } = useApp();
  const at = span[edge];
  const page = Math.max(1, Math.round(count / PAGES));
  const to = (index: number) => () => setSpan(moved(span, edge, index, count));
  const keys: Record<string, () => void> = {
    ArrowLeft: to(at - 1),
    ArrowDown: to(at - 1),
    ArrowRight: to(at + 1),
    ArrowUp: to(at + 1),
    PageDown: to(at - page),
    PageUp: to(at + page),
    Home: to(0),
    End: to(count),
    Enter: apply,
    Escape: discard,
  };
  const sum = countOf(data, span);
  const pressed = (event: KeyboardEvent): void => {
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      class="handle"
      aria-label={edge === 'begin' ? t.histogram.from : t.histogram.to}
      aria-description={t.histogram.keys}
      aria-valuemin={0}
      aria-valuemax={count}
      aria-valuenow={at}
      aria-valuetext={`${format.edge(edgeOf(data, at), data.step)}, ${t.histogram.total(sum.count, sum.isMore)}`}
      style={{ left: `${(at / count) * 100}%` }}
      onKeyDown={pressed}
    />
  );
}
