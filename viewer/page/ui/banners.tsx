import type { JSX } from 'preact';
import type { Change } from '../check/pin';
import type { PageTexts } from '../../texts/en';
import { useApp, useChanges } from './app-context';
import { Icon } from './icon';
import { Line } from './text';

/** Warns where the trail is not the one that was there before, or cannot be trusted. */
export function Banners(): JSX.Element | null {
  const { viewer, t } = useApp();
  const { verification } = viewer;
  useChanges(viewer, verification);
  if (!verification) return null;
  const isForged = verification.checkpoint.state === 'forged';
  return (
    <div class="banners" role="alert">
      {isForged ? (
        <p class="banner">
          <Icon name="broken" />
          <span>{t.change.forged}</span>
        </p>
      ) : null}
      {verification.changes.map((change) => (
        <div class="banner" key={change.kind}>
          <Icon name="broken" />
          <div>
            <p>{changeText(change, t)}</p>
            {change.kind === 'key' ? (
              <dl class="keys">
                <dt>{t.difference.before}</dt>
                <dd>
                  <Line text={change.before} />
                </dd>
                <dt>{t.change.now}</dt>
                <dd>
                  <Line text={change.now} />
                </dd>
              </dl>
            ) : null}
          </div>
          <button type="button" onClick={() => verification.accept()}>
            {t.change.accept}
          </button>
        </div>
      ))}
    </div>
  );
}

function changeText(change: Change, { change: texts }: PageTexts): string {
  switch (change.kind) {
    case 'key':
      return texts.key;
    case 'unsigned':
      return texts.unsigned;
    case 'shrunk':
      return texts.shrunk(change.before, change.now);
    case 'rewritten':
      return texts.rewritten(change.size);
  }
}
