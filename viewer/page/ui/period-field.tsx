import { Fragment, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Filter, type Period, PERIODS } from '../data/filter';
import { useApp } from './app-context';
import { DateField } from './date-field';

/** The filter for dates: a span that ends now, or one of the viewer's own. */
export function PeriodField({
  filter,
  set,
}: {
  filter: Filter;
  set: (change: Partial<Filter>) => void;
}): JSX.Element {
  const { t } = useApp();
  const { period, from, to } = filter;
  const [wantsOwn, setWantsOwn] = useState(false);
  const isOwn = from !== '' || to !== '' || (wantsOwn && period === '');
  const choose = (choice: string): void => {
    setWantsOwn(choice === 'own');
    if (choice !== 'own') set({ period: choice as Period | '', from: '', to: '' });
    else if (period !== '')
      set({ period: '', from: new Date(Date.now() - PERIODS[period]).toISOString(), to: '' });
  };
  const date = (name: 'from' | 'to', value: string): JSX.Element => (
    <DateField
      id={name}
      label={t.filter[name]}
      value={value}
      isEnd={name === 'to'}
      commit={(instant) => set({ [name]: instant })}
    />
  );
  return (
    <Fragment>
      <div class="field">
        <label for="period">{t.filter.period}</label>
        <select
          id="period"
          value={isOwn ? 'own' : period}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">{t.filter.all}</option>
          {(Object.keys(PERIODS) as Period[]).map((each) => (
            <option value={each} key={each}>
              {t.filter[each]}
            </option>
          ))}
          <option value="own">{t.filter.own}</option>
        </select>
      </div>
      {isOwn ? date('from', from) : null}
      {isOwn ? date('to', to) : null}
    </Fragment>
  );
}
