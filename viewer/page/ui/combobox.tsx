import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from './app-context';
import { Line } from './text';

/** How long somebody who types may pause before suggestions are asked for. */
const TYPING = 120;

/** The filter for actions: a text field that suggests those there are. */
export function ActionBox({ value, commit }: { value: string; commit: (text: string) => void }): JSX.Element {
  const { viewer, t } = useApp();
  const [text, setText] = useState(value);
  const [options, setOptions] = useState<string[]>([]);
  const [isOpen, setOpen] = useState(false);
  /** The suggestion that the keys have come to: it stays so when suggestions arrive late, and are the same. */
  const [active, setActive] = useState<string | null>(null);
  const aborter = useRef<AbortController | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setText(value), [value]);

  const suggest = (prefix: string): void => {
    clearTimeout(timer.current);
    aborter.current?.abort();
    const { signal } = (aborter.current = new AbortController());
    timer.current = setTimeout(() => {
      viewer.api.actions(prefix.replace(/\*$/, ''), signal).then(
        (actions) => {
          // An action may have the name of a group: it is chosen as that.
          setOptions([...new Set([...groupsOf(actions), ...actions])]);
          setOpen(true);
        },
        () => undefined, // without suggestions, a name can still be typed
      );
    }, TYPING);
  };
  const close = (): void => {
    clearTimeout(timer.current);
    aborter.current?.abort();
    setOpen(false);
    setActive(null);
  };
  const choose = (chosen: string): void => {
    setText(chosen);
    close();
    commit(chosen.trim());
  };
  const placeOf = (option: string | null): number => (option === null ? -1 : options.indexOf(option));
  const place = placeOf(active);
  const go = (next: (place: number) => number): void =>
    setActive((current) => options[next(placeOf(current))] ?? null);
  const keys: Record<string, () => void> = {
    ArrowDown: () => (isOpen ? go((place) => (place + 1) % options.length) : suggest(text)),
    ArrowUp: () => (isOpen ? go((place) => (place <= 0 ? options.length : place) - 1) : suggest(text)),
    Enter: () => choose(options[place] ?? text),
    Escape: () => (isOpen ? close() : choose('')),
  };
  const pressed = (event: KeyboardEvent): void => {
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const isShown = isOpen && options.length > 0;
  return (
    <div class="field combobox">
      <label for="action">{t.filter.action}</label>
      <input
        id="action"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls="actions"
        aria-activedescendant={isShown && place >= 0 ? `action-${place}` : undefined}
        placeholder="org.*"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(null);
          suggest(event.currentTarget.value);
        }}
        onKeyDown={pressed}
        onClick={() => suggest(text)}
        onBlur={() => choose(text)}
      />
      <ul id="actions" role="listbox" aria-label={t.filter.actions} hidden={!isShown}>
        {options.map((option, i) => (
          <li
            role="option"
            key={option}
            id={`action-${i}`}
            aria-selected={i === place}
            // A click would take the focus from the field first, and close the list.
            onMouseDown={(event) => {
              event.preventDefault();
              choose(option);
            }}
          >
            <Line text={option} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Groups that more than one of the actions are in. */
function groupsOf(actions: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const action of actions) {
    const dot = action.indexOf('.');
    const group = dot > 0 ? `${action.slice(0, dot)}.*` : '';
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].flatMap(([group, count]) => (group !== '' && count > 1 ? [group] : []));
}
