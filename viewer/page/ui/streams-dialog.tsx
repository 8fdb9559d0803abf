import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { StreamState } from '../data/api';
import { asFailure, type Failure, isAbort } from '../data/failure';
import { useApp, useChanges } from './app-context';
import { Fact } from './facts';
import { Icon, type IconName } from './icon';
import { Modal } from './modal';
import { failureText } from './states';
import { Line, Text } from './text';
import { Time } from './time';

const ICONS = { delivering: 'checked', failing: 'broken', paused: 'unanchored' } as const satisfies Record<
  StreamState['state'],
  IconName
>;

/** Shows how the streams to other systems go. What changes them is the application's. */
export function StreamsDialog({ close }: { close: () => void }): JSX.Element {
  const { viewer, t } = useApp();
  useChanges(viewer);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const aborter = new AbortController();
    viewer.lookAtStreams(aborter.signal).catch((error: unknown) => {
      if (!isAbort(error)) setFailure(asFailure(error));
    });
    return () => aborter.abort();
  }, []);
  return (
    <Modal label={t.streams.title} kind="box" close={close}>
      <h2>{t.streams.title}</h2>
      <div role="status">
        {failure ? (
          <p class="bad">
            {t.streams.failed} {failureText(failure, t)}
          </p>
        ) : null}
      </div>
      {viewer.streams.map((stream) => (
        <Stream key={stream.name} stream={stream} />
      ))}
      <p class="muted">{t.streams.hint}</p>
      <div class="buttons">
        <button type="button" onClick={close}>
          {t.close}
        </button>
      </div>
    </Modal>
  );
}

function Stream({ stream }: { stream: StreamState }): JSX.Element {
  const { t, format } = useApp();
  const { name, kind, address, state, lag, delivered, lastSuccess, lastError, setAside } = stream;
  const s = t.streams;
  return (
    <section aria-label={name}>
      <h3>
        <Line text={name} />
      </h3>
      <p class={`verdict ${ICONS[state]}`}>
        <Icon name={ICONS[state]} />
        <strong>{s.states[state]}</strong>
      </p>
      <dl class="facts">
        <Fact label={s.address}>
          <Line text={`${kind}, ${address}`} />
        </Fact>
        <Fact label={s.delivered}>{format.number(delivered)}</Fact>
        <Fact label={s.waiting}>{format.number(lag.entries)}</Fact>
        {setAside > 0 ? <Fact label={s.setAside}>{format.number(setAside)}</Fact> : null}
        {lastSuccess === null ? null : (
          <Fact label={s.lastSuccess}>
            <Time instant={lastSuccess} />
          </Fact>
        )}
        {lastError === null ? null : (
          <Fact label={s.lastError}>
            <Time instant={lastError.at} /> <Text text={lastError.reason} />
          </Fact>
        )}
      </dl>
    </section>
  );
}
