import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { OUTCOMES, type Outcome } from '../../../lib/vocabulary';
import { conditionCount, type Filter, LOOKED, OR } from '../data/filter';
import { useApp, useChanges, useMedia } from './app-context';
import { ActionBox, ActorBox } from './combobox';
import { DateField } from './date-field';
import { Icon } from './icon';
import { leaving } from './leaving';
import { PeriodField } from './period-field';
import { TextField } from './text-field';

/** Which entries are shown. */
export function Filters(): JSX.Element {
  const { viewer, t } = useApp();
  useChanges(viewer);
  const isNarrow = useMedia('(max-width: 50rem)');
  const [isOpen, setOpen] = useState(false);
  const { filter, search } = viewer.view;
  const isMoreUsed = LOOKED.some((name) => filter[name] !== '');
  const [isMoreOpen, setMore] = useState(false);
  const isMore = isMoreOpen || isMoreUsed;
  const set = (change: Partial<Filter>): void => viewer.setFilter(change);
  const count = conditionCount(filter);
  return (
    <form
      class="filters"
      role="search"
      aria-label={t.filter.label}
      onSubmit={(event) => event.preventDefault()}
    >
      <div class="field search">
        <label for="search">{t.filter.search}</label>
        <input
          id="search"
          type="search"
          aria-keyshortcuts="/"
          value={search}
          onInput={(event) => viewer.search(event.currentTarget.value)}
        />
      </div>
      {isNarrow ? (
        <button type="button" aria-expanded={isOpen} aria-controls="fields" onClick={() => setOpen(!isOpen)}>
          <Icon name="filter" />
          {t.filter.toggle(count)}
        </button>
      ) : null}
      <div id="fields" class="fields" hidden={isNarrow && !isOpen}>
        <ActorBox id="actor" value={filter.actor} commit={(actor) => set({ actor })} />
        <ActionBox value={filter.action} commit={(action) => set({ action })} />
        <TextField
          id="resource"
          label={t.filter.resource}
          value={filter.resource}
          commit={(resource) => set({ resource })}
        />
        <OutcomeField value={filter.outcome} commit={(outcome) => set({ outcome })} />
        <PeriodField filter={filter} set={set} />
        <button
          type="button"
          class="quiet"
          aria-expanded={isMore}
          aria-controls="more"
          onClick={() => setMore(!isMore)}
        >
          {isMore ? t.filter.less : t.filter.more}
        </button>
        {count > 0 ? (
          <button type="button" class="quiet" onClick={() => leaving(() => viewer.resetFilter())}>
            {t.filter.reset}
          </button>
        ) : null}
        {isMore ? (
          <div id="more" class="fields">
            {LOOKED.map((name) => (
              <LookedField
                key={name}
                name={name}
                value={filter[name]}
                commit={(text) => set({ [name]: text })}
              />
            ))}
            <p class="hint">{t.filter.moreHint}</p>
          </div>
        ) : null}
      </div>
    </form>
  );
}

/** What did not succeed is what people look for most. */
const NOT_SUCCESS = (['failure', 'denied'] satisfies Outcome[]).join(OR);

function OutcomeField({ value, commit }: { value: string; commit: (text: string) => void }): JSX.Element {
  const { t } = useApp();
  const choices = new Set([...OUTCOMES, NOT_SUCCESS, ...(value === '' ? [] : [value])]);
  const nameOf = (choice: string): string =>
    choice
      .split(OR)
      .map((outcome) => t.outcomes[outcome as Outcome])
      .join(` ${t.filter.or} `);
  return (
    <div class="field">
      <label for="outcome">{t.filter.outcome}</label>
      <select id="outcome" value={value} onChange={(event) => commit(event.currentTarget.value)}>
        <option value="">{t.filter.any}</option>
        {Array.from(choices, (choice) => (
          <option value={choice} key={choice}>
            {nameOf(choice)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Words that the server takes at the most. */
const WORDS = 200;

function LookedField({
  name,
  value,
  commit,
}: {
  name: (typeof LOOKED)[number];
  value: string;
  commit: (text: string) => void;
}): JSX.Element {
  const { t } = useApp();
  switch (name) {
    case 'notActor':
    case 'onBehalfOf':
      return <ActorBox id={name} value={value} commit={commit} />;
    case 'occurredFrom':
    case 'occurredTo':
      return (
        <DateField
          id={name}
          label={t.filter[name]}
          value={value}
          isEnd={name === 'occurredTo'}
          commit={commit}
        />
      );
    default:
      return (
        <TextField
          id={name}
          label={t.filter[name]}
          value={value}
          commit={(text) => commit(name === 'text' ? text.slice(0, WORDS) : text)}
        />
      );
  }
}
