import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** A filter that compares a text as a whole: it is applied when somebody has finished it. */
export function TextField({
  id,
  label,
  value,
  commit,
}: {
  id: string;
  label: string;
  value: string;
  commit: (text: string) => void;
}): JSX.Element {
  const [text, setText] = useState(value);
  useLayoutEffect(() => setText(value), [value]); // a frame later it would take back what was typed by then
  const finish = (): void => commit(text.trim());
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={text}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Enter') finish();
        }}
      />
    </div>
  );
}
