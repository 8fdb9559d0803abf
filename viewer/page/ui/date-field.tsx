import type { JSX } from 'preact';
import { momentOf } from '../data/filter';
import { instantOfLocal, localTimeOf } from '../text/local-time';

/** An instant, in the viewer's own time; a day alone is its beginning, or its end. */
export function DateField({
  id,
  label,
  value,
  isEnd,
  commit,
}: {
  id: string;
  label: string;
  value: string;
  isEnd: boolean;
  commit: (instant: string) => void;
}): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        value={localTimeOf(value === '' ? null : momentOf(value, isEnd))}
        onChange={(event) => commit(instantOfLocal(event.currentTarget.value))}
      />
    </div>
  );
}
