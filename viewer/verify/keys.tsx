import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { copied } from '../browser/copy';
import { useLocale } from './locale';
import { isKey, type Trust } from './trust';
import { Visible } from './visible';

/** Keys of a file that are shown. */
const SHOWN = 10;

/** The keys that a file names: to be compared with what the auditor has. */
export function Keys({ keys, trust }: { keys: readonly string[]; trust: Trust }): JSX.Element | null {
  const { texts, number } = useLocale();
  const { heading, intro, more, isGiven } = texts.keys;
  if (keys.length === 0) return null;
  return (
    <section class="part">
      <h4>{heading}</h4>
      <p class="hint">{intro}</p>
      <ul class="keys">
        {keys.slice(0, SHOWN).map((key, i) => (
          <li key={i}>
            <code>
              <Visible text={key} />
            </code>
            {trust.keys.includes(key) && <span class="hint">{isGiven}</span>}
            {isKey(key) && <CopyButton text={key} n={i + 1} />}
          </li>
        ))}
        {keys.length > SHOWN && <li>{more(number(keys.length - SHOWN))}</li>}
      </ul>
    </section>
  );
}

function CopyButton({ text, n }: { text: string; n: number }): JSX.Element {
  const { texts, number } = useLocale();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    setCopied(await copied(text));
  };
  return (
    <>
      <button type="button" aria-label={texts.keys.copyKey(number(n))} onClick={() => void copy()}>
        {texts.keys.copy}
      </button>
      <span role="status" class="hint">
        {isCopied && texts.keys.copied}
      </span>
    </>
  );
}
