import type { ComponentChildren, JSX } from 'preact';
import type { Failure } from '../data/failure';
import { conditionCount } from '../data/filter';
import type { PageTexts } from '../../texts/en';
import { useApp } from './app-context';
import { leaving } from './leaving';
import { LookedAt } from './looked-at';
import { Line } from './text';

/** What is shown instead of entries. */
export function Notice({
  title,
  hint,
  children,
}: {
  title: string;
  hint?: string | undefined;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="notice">
      <h2>{title}</h2>
      {hint === undefined || hint === '' ? null : (
        <p>
          <Line text={hint} />
        </p>
      )}
      {children}
    </div>
  );
}

/** What to say of a failure, beside what failed. */
export function failureText({ status, message }: Failure, t: PageTexts): string {
  if (message !== '') return message;
  return status === 0 ? t.state.offline : t.state.status(status);
}

/** That something failed, in words for what somebody can do about it. */
export function FailureNotice({ failure, retry }: { failure: Failure; retry: () => void }): JSX.Element {
  const { t } = useApp();
  const { signedOut, signedOutHint, forbidden, forbiddenHint, failed } = t.state;
  const [title, hint] =
    failure.status === 401
      ? [signedOut, signedOutHint]
      : failure.status === 403
        ? [forbidden, forbiddenHint]
        : [failed, failureText(failure, t)];
  return (
    <Notice title={title} hint={hint}>
      <button type="button" onClick={retry}>
        {t.retry}
      </button>
    </Notice>
  );
}

/** The list while it loads, when it could not be loaded, or when there is nothing in it. */
export function ListState({ isSearching }: { isSearching: boolean }): JSX.Element {
  const { viewer, t } = useApp();
  const { list, view } = viewer;
  if (list.state === 'loading') return <Skeleton />;
  const isFiltered = conditionCount(view.filter) > 0 || isSearching;
  const reset = isFiltered ? (
    <button type="button" onClick={() => leaving(() => viewer.resetFilter())}>
      {t.filter.reset}
    </button>
  ) : null;
  if (list.failure)
    return (
      <section class="list">
        <FailureNotice failure={list.failure} retry={() => void viewer.start()} />
        {list.failure.status === 400 ? reset : null}
      </section>
    );
  const title = !isFiltered
    ? t.state.nothing
    : list.count > 0
      ? t.state.noMatchLoaded
      : list.hasMore
        ? t.state.noMatchYet
        : t.state.noMatch;
  const hint = list.count > 0 ? t.filter.searchHint(0, list.count) : '';
  const search = view.search.trim();
  return (
    <section class="list">
      <Notice title={title} hint={hint}>
        <p>{list.isLoadingMore ? t.list.loading : <LookedAt />}</p>
        {search !== '' && list.hasMore ? (
          <button type="button" class="primary" onClick={() => leaving(() => viewer.searchAll(search))}>
            {t.filter.searchAll}
          </button>
        ) : null}
        {reset}
      </Notice>
    </section>
  );
}

/** Rows to come. */
export function Skeleton(): JSX.Element {
  const { t } = useApp();
  return (
    <section class="list" aria-busy="true">
      <p class="hidden">{t.list.loading}</p>
      {Array.from({ length: 12 }, (_, i) => (
        <div class="skeleton row" key={i} aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </section>
  );
}
