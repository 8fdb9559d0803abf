import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Check, Checks } from './checks';
import { Figures } from './figures';
import { Findings, Problems } from './findings';
import { Icon } from './icon';
import { Keys } from './keys';
import { useLocale } from './locale';
import { type Trust } from './trust';
import { toneOf, verdictOn } from './verdict';
import { Visible } from './visible';

interface Props {
  check: Check;
  checks: Checks;
  /** What the fields say now. */
  trust: Trust;
}

/** A file: how far its check is, or what came of it. Drawn anew when it changes, and not when others do. */
export function CheckCard({ check, checks, trust }: Props): JSX.Element {
  return useMemo(() => <Card check={check} checks={checks} trust={trust} />, [check, checks, trust]);
}

function Card({ check, checks, trust }: Props): JSX.Element {
  const { texts, bytes } = useLocale();
  const { id, file, state } = check;
  const name = `file-${id}`;
  return (
    <article class="card" aria-labelledby={name}>
      <header class="file-name">
        <h3 id={name}>
          <Visible text={file.name} />
        </h3>
        <span class="hint">{bytes(file.size)}</span>
      </header>
      <CheckBody check={check} trust={trust} />
      <div class="actions">
        {state.is === 'waiting' || state.is === 'running' ? (
          <button type="button" aria-describedby={name} onClick={() => checks.cancel(id)}>
            {texts.cancel}
          </button>
        ) : (
          <>
            <button type="button" aria-describedby={name} onClick={() => checks.again(id)}>
              {texts.again}
            </button>
            <button type="button" aria-describedby={name} onClick={() => checks.remove(id)}>
              {texts.remove}
            </button>
          </>
        )}
      </div>
    </article>
  );
}

function CheckBody({ check, trust }: Omit<Props, 'checks'>): JSX.Element {
  const { texts } = useLocale();
  const { file, state } = check;
  switch (state.is) {
    case 'waiting':
      return <p>{texts.waiting}</p>;
    case 'running':
      return <Running file={file} bytes={state.bytes} />;
    case 'cancelled':
      return <p class="verdict unknown">{texts.cancelled}</p>;
    case 'done': {
      const { result } = state;
      return (
        <>
          {state.trust !== trust ? <p class="stale">{texts.stale}</p> : <Verdict state={state} />}
          {result.fault === null && state.trust === trust && (
            <>
              <Problems report={result.report} />
              <Figures report={result.report} />
              <Findings report={result.report} />
              <Keys keys={result.report.keys} trust={state.trust} />
            </>
          )}
          {result.fault === 'unreadable' && (
            <p class="hint" lang="en">
              <Visible text={result.message} />
            </p>
          )}
        </>
      );
    }
  }
}

function Running({ file, bytes: done }: { file: File; bytes: number }): JSX.Element {
  const { texts, bytes, percent } = useLocale();
  const share = file.size === 0 ? 0 : done / file.size;
  return (
    <div class="running">
      <progress max={1} value={share} aria-label={texts.checking} />
      <p class="hint">{texts.progress(bytes(done), bytes(file.size), percent(share))}</p>
    </div>
  );
}

function Verdict({ state }: { state: Extract<Check['state'], { is: 'done' }> }): JSX.Element {
  const { verdicts } = useLocale().texts;
  const verdict = verdictOn(state.result);
  const tone = toneOf(verdict);
  return (
    <div class={`verdict ${tone}`} data-verdict={verdict}>
      <Icon tone={tone} />
      <div>
        <p class="verdict-title">{verdicts[verdict].title}</p>
        <p>{verdicts[verdict].detail}</p>
      </div>
    </div>
  );
}
