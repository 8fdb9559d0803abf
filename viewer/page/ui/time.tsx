import type { JSX } from 'preact';
import { useApp } from './app-context';

/** An instant in the viewer's zone; UTC on hover. */
export function Time({ instant, isExact = false }: { instant: string; isExact?: boolean }): JSX.Element {
  const { t, format } = useApp();
  return (
    <time dateTime={instant} title={t.utc(instant)}>
      {isExact ? format.exact(instant) : format.time(instant)}
    </time>
  );
}
