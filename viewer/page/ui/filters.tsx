import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { OUTCOMES, type Outcome } from '../../../lib/vocabulary';
import { conditionCount, type Filter, LOOKED } from '../data/filter';
import { useApp, useChanges, useMedia } from './app-context';
import { ActionBox, ActorBox } from './combobox';
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
        <ActorBox value={filter.actor} commit={(actor) => set({ actor })} />
        <ActionBox value={filter.action} commit={(action) => set({ action })} />
        <TextField
          id="resource"
          label={t.filter.resource}
          value={filter.resource}
          commit={(resource) => set({ resource })}
        />
        <div class="field">
          <label for="outcome">{t.filter.outcome}</label>
          <select
            id="outcome"
            value={filter.outcome}
            onChange={(event) => set({ outcome: event.currentTarget.value as Outcome | '' })}
          >
            <option value="">{t.filter.any}</option>
            {OUTCOMES.map((outcome) => (
              <option value={outcome} key={outcome}>
                {t.outcomes[outcome]}
              </option>
            ))}
          </select>
        </div>
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
              <TextField
                key={name}
                id={name}
                label={t.filter[name]}
                value={filter[name]}
                commit={(text) => set({ [name]: name === 'text' ? text.slice(0, 200) : text })}
              />
            ))}
          </div>
        ) : null}
      </div>
    </form>
  );
}
