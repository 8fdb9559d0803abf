import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Failure } from '../data/failure';
import { Announcer } from './announcer';
import { useApp, useChanges } from './app-context';
import { Banners } from './banners';
import { Detail } from './detail';
import { Filters } from './filters';
import { HistogramPanel } from './histogram';
import { List } from './list';
import { FailureNotice, Skeleton } from './states';
import { Top } from './top';

/** The whole page. */
export function App(): JSX.Element {
  const { viewer } = useApp();
  useChanges(viewer);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      document.getElementById('search')?.focus();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <div class="app">
      <Top />
      <Body />
    </div>
  );
}

function Body(): JSX.Element {
  const { viewer } = useApp();
  const { failure, session } = viewer;
  const forbidden = session && !viewer.may('read') ? new Failure(403, '') : null;
  const shown = failure ?? forbidden;
  if (shown)
    return (
      <main class="whole">
        <FailureNotice failure={shown} retry={() => void viewer.start()} />
      </main>
    );
  if (!session)
    return (
      <main>
        <Skeleton />
      </main>
    );
  return (
    <>
      <Banners />
      <Filters />
      <div class="work">
        <main>
          <HistogramPanel />
          <List />
        </main>
        <Detail />
      </div>
      <Announcer />
    </>
  );
}
