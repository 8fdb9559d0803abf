import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ExportChoice } from '../data/api';
import { conditionCount, isExportable } from '../data/filter';
import { useApp, useChanges } from './app-context';
import { ExportJob } from './export-job';
import { Modal } from './modal';
import { failureText } from './states';

const FORMATS = ['jsonl', 'json', 'csv'] as const;

/** Exports what the filters match. */
export function ExportDialog({ close }: { close: () => void }): JSX.Element {
  const { viewer, t } = useApp();
  const job = useMemo(() => new ExportJob(viewer.api), []);
  useChanges(job);
  const [choice, setChoice] = useState<ExportChoice>({ format: 'jsonl', proof: true });
  const { filter } = viewer.view;
  const leave = (): void => {
    job.cancel();
    close();
  };
  const isRunning = job.state === 'running';
  const start = (event: Event): void => {
    event.preventDefault();
    void job.run(filter, choice);
  };
  return (
    <Modal label={t.export.title} kind="box" close={leave}>
      <form onSubmit={start}>
        <h2>{t.export.title}</h2>
        {!isExportable(filter) ? (
          <p class="bad">{t.export.notThese}</p>
        ) : conditionCount(filter) > 0 ? (
          <p>{t.export.scope}</p>
        ) : null}
        <fieldset disabled={isRunning}>
          <legend>{t.export.format}</legend>
          {FORMATS.map((format) => (
            <label class="choice" key={format}>
              <input
                type="radio"
                name="format"
                checked={choice.format === format}
                onChange={() => setChoice({ ...choice, format })}
              />
              {t.export[format]}
            </label>
          ))}
        </fieldset>
        <label class="choice">
          <input
            type="checkbox"
            checked={choice.proof}
            disabled={isRunning}
            onChange={(event) => setChoice({ ...choice, proof: event.currentTarget.checked })}
          />
          <span>
            {t.export.proof} <span class="muted">{t.export.proofHint}</span>
          </span>
        </label>
        <ExportState job={job} />
        <div class="buttons">
          <a href="verify.html">{t.export.verify}</a>
          {isRunning ? (
            <button type="button" onClick={() => job.cancel()}>
              {t.export.cancel}
            </button>
          ) : (
            <>
              <button type="button" onClick={leave}>
                {t.close}
              </button>
              <button type="submit" class="primary" disabled={!isExportable(filter)}>
                {t.export.open}
              </button>
            </>
          )}
        </div>
      </form>
    </Modal>
  );
}

function ExportState({ job }: { job: ExportJob }): JSX.Element {
  const { t, format } = useApp();
  const { state, failure } = job;
  const { bytes, records } = job.progress;
  const size = format.megabytes(bytes);
  // What breaks off while it is read is told as that: the browser does not say why.
  const isCut = failure?.code === 'CUT' || (failure?.status === 0 && bytes > 0);
  return (
    <div class="progress">
      {state === 'running' ? (
        <>
          <progress aria-label={t.export.title} />
          <p>{t.export.progress(size, records)}</p>
        </>
      ) : null}
      <p role="status">{state === 'done' ? t.export.done(size, records) : null}</p>
      {state === 'failed' && failure ? (
        <p class="bad" role="alert">
          {isCut ? t.export.cut : `${t.export.failed} ${failureText(failure, t)}`}
        </p>
      ) : null}
    </div>
  );
}
