import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from './app-context';
import { OR } from '../data/filter';
import { Line, Named } from './text';

/** How long somebody who types may pause before suggestions are asked for. */
const TYPING = 120;

/** A value that is suggested, and what it is called. */
export interface Suggestion {
  value: string;
  label?: string | undefined;
}

interface BoxProps {
  id: string;
  label: string;
  listLabel: string;
  placeholder?: string;
  value: string;
  commit: (text: string) => void;
  /** What there is to a text. */
  suggest: (text: string, signal: AbortSignal) => Promise<Suggestion[]>;
  /** Makes the value of what somebody typed and left without choosing. */
  resolve?: (text: string) => Promise<string>;
}

/** The filter for actions: a text field that suggests those there are. Behind ` | ` another begins. */
export function ActionBox({ value, commit }: { value: string; commit: (text: string) => void }): JSX.Element {
  const { viewer, t } = useApp();
  return (
    <Combobox
      id="action"
      label={t.filter.action}
      listLabel={t.filter.actions}
      placeholder="org.*"
      value={value}
      commit={commit}
      suggest={async (text, signal) => {
        const [, before = '', last = ''] = /^(.* \| )?(.*)$/.exec(text) ?? [];
        const [, not = '', prefix = ''] = /^(!?)(.*?)\*?$/.exec(last) ?? [];
        const actions = await viewer.api.actions(prefix, signal);
        // An action may have the name of a group: it is chosen as that.
        return [...new Set([...groupsOf(actions), ...actions])].map((name) => ({
          value: before + not + name,
        }));
      }}
    />
  );
}

/** A filter for actors: a name leads to the id, by which entries are found. */
export function ActorBox({
  id,
  value,
  commit,
}: {
  id: 'actor' | 'notActor' | 'onBehalfOf';
  value: string;
  commit: (text: string) => void;
}): JSX.Element {
  const { viewer, t } = useApp();
  const find = async (text: string, signal?: AbortSignal): Promise<Suggestion[]> =>
    (await viewer.api.actors(text.trim().slice(0, 200), signal)).map(({ id, name }) => ({
      value: id,
      label: name,
    }));
  return (
    <Combobox
      id={id}
      label={t.filter[id]}
      listLabel={t.filter.actors}
      value={value}
      commit={commit}
      suggest={find}
      resolve={async (text) => {
        if (text.includes(OR)) return text;
        const found = await find(text).catch(() => []);
        const isExact = found.some(({ value: id }) => id === text);
        const named = found.filter(({ label }) => label?.toLowerCase() === text.toLowerCase());
        return isExact || named.length === 0 ? text : named.map(({ value: id }) => id).join(OR);
      }}
    />
  );
}

function Combobox({
  id,
  label,
  listLabel,
  placeholder,
  value,
  commit,
  suggest: find,
  resolve,
}: BoxProps): JSX.Element {
  const [text, setText] = useState(value);
  const [options, setOptions] = useState<Suggestion[]>([]);
  const [isOpen, setOpen] = useState(false);
  /** The suggestion that the keys have come to: it stays so when suggestions arrive late, and are the same. */
  const [active, setActive] = useState<string | null>(null);
  const aborter = useRef<AbortController | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useLayoutEffect(() => setText(value), [value]); // a frame later it would take back what was typed by then

  const suggest = (prefix: string): void => {
    clearTimeout(timer.current);
    aborter.current?.abort();
    const { signal } = (aborter.current = new AbortController());
    timer.current = setTimeout(() => {
      find(prefix, signal).then(
        (found) => {
          if (signal.aborted) return;
          setOptions(found);
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
  const finish = (): void => {
    const typed = text.trim();
    if (!resolve || typed === '' || typed === value) return choose(text);
    close();
    void resolve(typed).then(choose);
  };
  const placeOf = (option: string | null): number =>
    option === null ? -1 : options.findIndex(({ value }) => value === option);
  const place = placeOf(active);
  const go = (next: (place: number) => number): void =>
    setActive((current) => options[next(placeOf(current))]?.value ?? null);
  const keys: Record<string, () => void> = {
    ArrowDown: () => (isOpen ? go((place) => (place + 1) % options.length) : suggest(text)),
    ArrowUp: () => (isOpen ? go((place) => (place <= 0 ? options.length : place) - 1) : suggest(text)),
    Enter: () => (options[place] ? choose(options[place].value) : finish()),
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
      <label for={id}>{label}</label>
      <input
        id={id}
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={`${id}s`}
        aria-activedescendant={isShown && place >= 0 ? `${id}-${place}` : undefined}
        placeholder={placeholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(null);
          suggest(event.currentTarget.value);
        }}
        onKeyDown={pressed}
        onClick={() => suggest(text)}
        onBlur={finish}
      />
      <ul id={`${id}s`} role="listbox" aria-label={listLabel} hidden={!isShown}>
        {options.map((option, i) => (
          <li
            role="option"
            key={option.value}
            id={`${id}-${i}`}
            aria-selected={i === place}
            // A click would take the focus from the field first, and close the list.
            onMouseDown={(event) => {
              event.preventDefault();
              choose(option.value);
            }}
          >
            {option.label === undefined ? (
              <Line text={option.value} />
            ) : (
              <Named name={option.label} id={option.value} as={Line} />
            )}
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
