import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from './app-context';
import { copied } from '../../browser/copy';
import type { IconName } from './icon';
import { Icon } from './icon';

/** How long it is said that something was copied. */
const SHOWN = 2000;

/** Copies a text, or shows it where it cannot be copied. */
export function CopyButton({
  label,
  text,
  icon,
}: {
  label: string;
  text: () => string;
  icon?: IconName;
}): JSX.Element {
  const { t } = useApp();
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  const copy = async (): Promise<void> => {
    setState((await copied(text())) ? 'copied' : 'failed');
    setTimeout(() => setState((now) => (now === 'copied' ? 'ready' : now)), SHOWN);
  };
  const told = state === 'copied' ? t.detail.copied : null;
  return (
    <>
      <button type="button" class="quiet" onClick={() => void copy()}>
        {icon ? <Icon name={icon} /> : null}
        {told ?? label}
      </button>
      <span class="hidden" role="status">
        {told}
      </span>
      {state === 'failed' ? (
        <label>
          {t.detail.copyFailed} <input readOnly value={text()} />
        </label>
      ) : null}
    </>
  );
}
