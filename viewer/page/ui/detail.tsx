import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { urlOf } from '../data/address';
import { useApp, useChanges, useMedia } from './app-context';
import { CopyButton } from './copy-button';
import { EntryView } from './entry-view';
import { FaultExplanation } from './explanation';
import { Icon } from './icon';
import { Modal } from './modal';
import { failureText, Notice } from './states';
import { Line, Named } from './text';

/** The entry that is open: beside the list, or over it where there is no room. */
export function Detail(): JSX.Element | null {
  const { viewer, t } = useApp();
  const { opened, verification, list } = viewer;
  useChanges(viewer, opened, verification, list);
  const isNarrow = useMedia('(max-width: 60rem)');
  if (!opened.isOpen) return null;
  const close = (): void => {
    viewer.close();
    document.getElementById('entries')?.focus();
  };
  if (isNarrow)
    return (
      <Modal label={t.detail.label} kind="sheet" close={close}>
        <Panel close={close} />
      </Modal>
    );
  return (
    <aside
      class="detail"
      aria-label={t.detail.label}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <Panel close={close} />
    </aside>
  );
}

function Panel({ close }: { close: () => void }): JSX.Element {
  const { viewer, t } = useApp();
  const { opened, list } = viewer;
  const { entry, fault, failure, isLoading } = opened;
  const head = useRef<HTMLHeadingElement | null>(null);
  const isNewest = entry !== null && list.isNewest(entry.seq);
  useEffect(() => head.current?.focus(), [entry?.id, fault]);
  const link = (): string => new URL(urlOf(viewer.view), location.href).href;
  return (
    <>
      <header>
        <h2 tabIndex={-1} ref={head}>
          {entry ? (
            <Named name={viewer.titleOf(entry.action)} id={entry.action} as={Line} />
          ) : fault ? (
            t.list.broken(fault.seq, fault.first)
          ) : (
            t.detail.label
          )}
        </h2>
        <button type="button" class="quiet close" aria-label={t.close} onClick={close}>
          <Icon name="close" />
        </button>
        {entry ? (
          <div class="tools">
            <span class="muted">{t.detail.number(entry.seq)}</span>
            <button
              type="button"
              class="quiet"
              disabled={entry.seq === 1}
              onClick={() => void viewer.openNumbered(entry.seq - 1)}
            >
              <Icon name="down" />
              {t.detail.previous}
            </button>
            <button
              type="button"
              class="quiet"
              aria-disabled={isNewest}
              title={isNewest ? t.detail.newest : undefined}
              onClick={() => (isNewest ? undefined : void viewer.openNumbered(entry.seq + 1))}
            >
              <Icon name="up" />
              {t.detail.next}
            </button>
            <CopyButton label={t.detail.copyLink} text={link} icon="link" />
          </div>
        ) : null}
      </header>
      <div class="content" tabIndex={0} role="region" aria-label={t.detail.label}>
        {isLoading ? <p role="status">{t.detail.loading}</p> : null}
        {failure ? (
          <Notice
            title={failure.status === 404 ? t.detail.notFound : t.detail.failed}
            hint={failureText(failure, t)}
          >
            <button type="button" onClick={() => void viewer.reopen()}>
              {t.retry}
            </button>
          </Notice>
        ) : null}
        {fault ? <FaultExplanation fault={fault} /> : null}
        {entry ? <EntryView entry={entry} key={entry.id} /> : null}
      </div>
    </>
  );
}
