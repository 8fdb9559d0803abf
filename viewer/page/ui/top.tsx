import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CheckpointState } from '../check/mark-types';
import type { PageTexts } from '../../texts/en';
import { useApp, useChanges } from './app-context';
import { ExportDialog } from './export-dialog';
import { Icon, type IconName } from './icon';
import { ReportDialog } from './report-dialog';
import { StreamsDialog } from './streams-dialog';
import { Line } from './text';

/** Whose trail this is, how it stands, and what can be done with all of it. */
export function Top(): JSX.Element {
  const { viewer, t, settings } = useApp();
  const { verification, live, session } = viewer;
  useChanges(viewer, verification, live);
  const [dialog, setDialog] = useState<'export' | 'report' | 'streams' | null>(null);
  const close = (): void => setDialog(null);
  const checkpoint = verification && checkpointText(verification.checkpoint, t);
  return (
    <header class="top">
      {settings.home === undefined ? null : (
        // In a frame, the way back is that of the page around it.
        <a class="home" href={settings.home} target="_top">
          <Icon name="back" />
          {t.home}
        </a>
      )}
      <h1>
        <Line text={settings.title ?? t.title} />
      </h1>
      {session ? (
        <span class="tenant">
          <Line text={session.tenantId} />
        </span>
      ) : null}
      {viewer.may('read') ? (
        <span class={`status ${live.state}`} role="status">
          <span class="dot" aria-hidden="true" />
          {t.live[live.state]}
        </span>
      ) : null}
      {checkpoint ? (
        <span class="status">
          <Icon name={checkpoint.icon} />
          {checkpoint.text}
        </span>
      ) : null}
      <span class="buttons">
        {viewer.streams.length > 0 ? (
          <button type="button" onClick={() => setDialog('streams')}>
            {viewer.streams.some(({ state }) => state === 'failing') ? <Icon name="broken" /> : null}
            {t.streams.open(viewer.streams.length)}
          </button>
        ) : null}
        {viewer.may('verify') ? (
          <button type="button" onClick={() => setDialog('report')}>
            {t.report.open}
          </button>
        ) : null}
        {viewer.may('export') ? (
          <button type="button" class="primary" onClick={() => setDialog('export')}>
            {t.export.open}
          </button>
        ) : null}
      </span>
      {dialog === 'export' ? <ExportDialog close={close} /> : null}
      {dialog === 'report' ? <ReportDialog close={close} /> : null}
      {dialog === 'streams' ? <StreamsDialog close={close} /> : null}
    </header>
  );
}

function checkpointText(
  checkpoint: CheckpointState,
  { checkpoint: texts }: PageTexts,
): { icon: IconName; text: string } | null {
  switch (checkpoint.state) {
    case 'signed':
      return { icon: 'checked', text: texts.signed(checkpoint.size) };
    case 'forged':
      return { icon: 'broken', text: texts.forged };
    case 'absent':
      if (checkpoint.reason === 'none') return { icon: 'unanchored', text: texts.none };
      return checkpoint.reason === 'unsigned' ? { icon: 'unanchored', text: texts.unsigned } : null;
    case 'pending':
      return null;
  }
}
