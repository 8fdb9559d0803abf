import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Report } from '../data/api';
import { asFailure, type Failure, isAbort } from '../data/failure';
import { useApp } from './app-context';
import { Icon } from './icon';
import { Modal } from './modal';
import { failureText } from './states';
import { Text } from './text';

/** Has the server check the whole trail, and shows what it found. */
export function ReportDialog({ close }: { close: () => void }): JSX.Element {
  const { viewer, t } = useApp();
  const [report, setReport] = useState<Report | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const aborter = new AbortController();
    viewer.api.report(aborter.signal).then(setReport, (error: unknown) => {
      if (!isAbort(error)) setFailure(asFailure(error));
    });
    return () => aborter.abort();
  }, []);
  return (
    <Modal label={t.report.open} kind="box" close={close}>
      <h2>{t.report.open}</h2>
      <div role="status">
        {report ? <Findings report={report} /> : null}
        {!report && !failure ? (
          <>
            <progress aria-label={t.report.open} />
            <p>{t.report.running}</p>
          </>
        ) : null}
        {failure ? (
          <p class="bad">
            {t.report.failed} {failureText(failure, t)}
          </p>
        ) : null}
      </div>
      <div class="buttons">
        <a href="verify.html">{t.export.verify}</a>
        <button type="button" onClick={close}>
          {t.close}
        </button>
      </div>
    </Modal>
  );
}

function Findings({ report }: { report: Report }): JSX.Element {
  const { t } = useApp();
  const { verdict, anchor, size, anchoredSize, problemCount, problems, notices } = report;
  const isIntact = verdict === 'intact';
  const isAnchored = anchoredSize > 0 && (anchor === 'pinned' || anchor === 'signed');
  return (
    <>
      <p class={`verdict ${isIntact ? 'checked' : 'broken'}`}>
        <Icon name={isIntact ? 'checked' : 'broken'} />
        <strong>{isIntact ? t.report.intact : t.report.broken}</strong>
      </p>
      <p>{isIntact ? t.report.size(size) : t.report.brokenHint}</p>
      <p>{isAnchored ? t.report.anchored(anchoredSize) : t.report.unanchored}</p>
      {problemCount > 0 ? (
        <>
          <h3>{t.report.problems(problemCount)}</h3>
          <ul class="problems">
            {problems.map(({ message }, i) => (
              <li key={i}>
                <Text text={message} />
              </li>
            ))}
          </ul>
          {problemCount > problems.length ? <p>{t.report.more(problemCount - problems.length)}</p> : null}
        </>
      ) : null}
      <Notices notices={notices} />
      <p class="muted">{t.report.source}</p>
    </>
  );
}

/** What changes no verdict: in the reader's words what it means, and in the server's own what it is. */
function Notices({ notices }: Pick<Report, 'notices'>): JSX.Element | null {
  const { t } = useApp();
  if (notices.length === 0) return null;
  return (
    <>
      <h3>{t.report.notices}</h3>
      <ul class="notices">
        {notices.map(({ kind, message }, i) => (
          <li key={i}>
            {t.report.notice[kind]} <Text text={message} />
          </li>
        ))}
      </ul>
    </>
  );
}
