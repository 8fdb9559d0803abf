import type { JSX } from 'preact';
import type { Check } from './checks';
import { useLocale } from './locale';
import { verdictOn } from './verdict';
import { Visible } from './visible';

/** Parts of a file after which a screen reader is told how far it is: not at each byte, and not never. */
const PARTS = 4;

/** Characters of a file's name that are read out. */
const NAME = 100;

/** Tells those who do not see the page how far the checks are, and what came of each. */
export function Announcer({ checks }: { checks: readonly Check[] }): JSX.Element {
  const { texts } = useLocale();
  const running = checks.filter(({ state }) => state.is === 'running');
  const ended = checks.filter(({ state }) => state.is === 'done' || state.is === 'cancelled');
  return (
    <div class="hidden">
      <div role="status">
        {running.map((check) => (
          <HowFar key={check.id} check={check} />
        ))}
      </div>
      <div role="log" aria-label={texts.results}>
        {ended.map((check) => (
          <End key={check.id} check={check} />
        ))}
      </div>
    </div>
  );
}

function HowFar({ check: { file, state } }: { check: Check }): JSX.Element {
  const { texts, percent } = useLocale();
  const bytes = state.is === 'running' ? state.bytes : 0;
  const share = Math.floor((bytes / Math.max(file.size, 1)) * PARTS) / PARTS;
  return (
    <p>
      <Visible text={file.name} limit={NAME} />: {texts.checking}, {percent(share)}
    </p>
  );
}

function End({ check: { file, state } }: { check: Check }): JSX.Element {
  const { texts } = useLocale();
  const { title, detail } =
    state.is === 'done' ? texts.verdicts[verdictOn(state.result)] : { title: '', detail: texts.cancelled };
  return (
    <p>
      <Visible text={file.name} limit={NAME} />: {title}
      {title !== '' && '. '}
      {detail}
    </p>
  );
}
