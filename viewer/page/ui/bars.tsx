import type { JSX } from 'preact';
import type { Histogram } from '../data/api';
import type { Span } from './brush';

/** Height of the drawing; its width is the number of bars. */
const HEIGHT = 100;

/** A bar that stands for something is never too low to be seen. */
const LEAST = 4;

/** The bars of a histogram. All they say is said in words beside them. */
export function Bars({
  data,
  hovered,
  span,
}: {
  data: Histogram;
  hovered: number | null;
  span: Span | null;
}): JSX.Element {
  const { counts, limit } = data;
  const most = counts.reduce((max, count) => Math.max(max, count), 1);
  return (
    <svg viewBox={`0 0 ${counts.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {hovered === null ? null : <rect class="hovered" x={hovered} y="0" width="1" height={HEIGHT} />}
      {counts.map((count, i) => {
        const height = count === 0 ? 0 : Math.max(LEAST, (count / most) * HEIGHT);
        const isOut = span !== null && (i < span.begin || i >= span.end);
        const kind = `${isOut ? 'out' : 'bar'}${limit !== null && count >= limit ? ' more' : ''}`;
        return <rect class={kind} key={i} x={i + 0.1} y={HEIGHT - height} width="0.8" height={height} />;
      })}
      {span ? <rect class="span" x={span.begin} y="0" width={span.end - span.begin} height={HEIGHT} /> : null}
    </svg>
  );
}
