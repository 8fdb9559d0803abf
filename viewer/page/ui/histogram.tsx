import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Histogram } from '../data/api';
import { useApp, useChanges } from './app-context';
import { Bars } from './bars';
import { barAt, countOf, edgeOf, type Span, spanOf } from './brush';
import { Handle } from './handle';
import { leaving } from './leaving';

/** How many entries there were when; a period is chosen by drawing over it. */
export function HistogramPanel(): JSX.Element {
  const { viewer, t } = useApp();
  const { overview, view } = viewer;
  useChanges(overview);
  const { data, hasFailed, isUncounted } = overview;
  const failed = isUncounted ? t.histogram.uncounted : t.histogram.failed;
  const { from, to, period } = view.filter;
  const isNarrowed = from !== '' || to !== '' || period !== '';
  const isEmpty = !data || data.counts.length === 0;
  return (
    <section class="histogram" aria-label={t.histogram.label}>
      {isEmpty ? (
        <p class="readout">{hasFailed || isUncounted ? failed : data ? t.histogram.empty : '\u00a0'}</p>
      ) : (
        <Chart data={data} />
      )}
      {isNarrowed ? (
        <button
          type="button"
          class="quiet reset"
          onClick={() => leaving(() => viewer.setFilter({ from: '', to: '', period: '' }))}
        >
          {t.filter.all}
        </button>
      ) : null}
    </section>
  );
}

function Chart({ data }: { data: Histogram }): JSX.Element {
  const { viewer, t, format } = useApp();
  const count = data.counts.length;
  const all = { begin: 0, end: count };
  const [span, setSpan] = useState<Span>(all);
  const [hovered, setHovered] = useState<number | null>(null);
  const [isFocused, setFocused] = useState(false);
  const anchor = useRef<number | null>(null);
  const isWhole = span.begin === 0 && span.end === count;

  const apply = (chosen: Span): void => {
    if (chosen.begin === 0 && chosen.end === count) return;
    const instant = (index: number): string => new Date(edgeOf(data, index)).toISOString();
    viewer.setFilter({ period: '', from: instant(chosen.begin), to: instant(chosen.end) });
  };
  const barOf = (event: PointerEvent): number => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return barAt((event.clientX - left) / width, count);
  };
  const pointed = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      anchor.current = barOf(event);
      setSpan(spanOf(anchor.current, anchor.current));
    },
    onPointerMove: (event: PointerEvent) => {
      const bar = barOf(event);
      setHovered(bar);
      if (anchor.current !== null) setSpan(spanOf(anchor.current, bar));
    },
    onPointerUp: (event: PointerEvent) => {
      if (anchor.current === null) return;
      apply(spanOf(anchor.current, barOf(event)));
      anchor.current = null;
    },
    onPointerCancel: () => {
      anchor.current = null;
      setSpan(all);
    },
    onPointerLeave: () => setHovered(null),
  };
  useEffect(() => {
    const discard = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || anchor.current === null) return;
      anchor.current = null;
      setSpan({ begin: 0, end: count });
    };
    addEventListener('keydown', discard);
    return () => removeEventListener('keydown', discard);
  }, [count]);

  useEffect(() => setSpan({ begin: 0, end: data.counts.length }), [data]);

  const told = anchor.current === null && hovered !== null ? spanOf(hovered, hovered) : span;
  const spanText = t.histogram.span(
    format.edge(edgeOf(data, told.begin), data.step),
    format.edge(edgeOf(data, told.end), data.step),
  );
  const sum = countOf(data, told);
  const countText =
    told.end - told.begin === 1
      ? t.histogram.count(sum.count, sum.isMore)
      : t.histogram.total(sum.count, sum.isMore);
  const handle = { span, count, data, setSpan, discard: () => setSpan(all), apply: () => apply(span) };
  return (
    <>
      <p class="readout">
        <span>{spanText}</span> <strong>{countText}</strong>
        {isFocused ? <span class="muted"> {t.histogram.keys}</span> : null}
      </p>
      <div class="chart" onFocusIn={() => setFocused(true)} onFocusOut={() => setFocused(false)}>
        <div class="bars" {...pointed}>
          <Bars data={data} hovered={hovered} span={isWhole ? null : span} />
        </div>
        <Handle edge="begin" {...handle} />
        <Handle edge="end" {...handle} />
      </div>
    </>
  );
}
