import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocale } from './locale';
import { type Trust, type TrustFields } from './trust';
import { Visible } from './visible';

/** More than anybody's checkpoints, and little enough for a text field. */
const MAX_CHECKPOINT_BYTES = 2_000_000;

interface Props {
  fields: TrustFields;
  trust: Trust;
  onChange: (fields: TrustFields) => void;
}

/** The fields for what an auditor has from elsewhere. */
export function TrustForm({ fields, trust, onChange }: Props): JSX.Element {
  const { texts } = useLocale();
  const { heading, intro } = texts.trust;
  return (
    <section class="card" aria-labelledby="trust">
      <h2 id="trust">{heading}</h2>
      <p>{intro}</p>
      <KeysField fields={fields} trust={trust} onChange={onChange} />
      <CheckpointField fields={fields} trust={trust} onChange={onChange} />
      <AllowField fields={fields} trust={trust} onChange={onChange} />
    </section>
  );
}

function KeysField({ fields, trust, onChange }: Props): JSX.Element {
  const { keys, keysHint, badKey } = useLocale().texts.trust;
  const isBad = trust.badKey !== null;
  return (
    <div class="field">
      <label for="keys">{keys}</label>
      <p class="hint" id="keys-hint">
        {keysHint}
      </p>
      <textarea
        id="keys"
        class="code"
        rows={2}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-describedby="keys-hint keys-error"
        aria-invalid={isBad}
        value={fields.keys}
        onInput={(event) => onChange({ ...fields, keys: event.currentTarget.value })}
      />
      <p class="error" id="keys-error" role="alert">
        {isBad && (
          <>
            {badKey} <Visible text={trust.badKey ?? ''} limit={100} />
          </>
        )}
      </p>
    </div>
  );
}

function CheckpointField({ fields, trust, onChange }: Props): JSX.Element {
  const { texts } = useLocale();
  const { checkpoint, checkpointHint, chooseCheckpoint, badCheckpoint, largeCheckpoint } = texts.trust;
  const [isLarge, setLarge] = useState(false);
  const set = (text: string): void => {
    setLarge(false);
    onChange({ ...fields, checkpoint: text });
  };
  const read = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > MAX_CHECKPOINT_BYTES) setLarge(true);
    else set(await file.text());
    input.value = '';
  };
  return (
    <div class="field">
      <label for="checkpoint">{checkpoint}</label>
      <p class="hint" id="checkpoint-hint">
        {checkpointHint}
      </p>
      <textarea
        id="checkpoint"
        class="code"
        rows={3}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-describedby="checkpoint-hint checkpoint-error"
        aria-invalid={trust.isBadCheckpoint || isLarge}
        value={fields.checkpoint}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <p class="error" id="checkpoint-error" role="alert">
        {isLarge ? largeCheckpoint : trust.isBadCheckpoint && badCheckpoint}
      </p>
      <label class="button file">
        {chooseCheckpoint}
        <input id="checkpoint-file" type="file" onChange={(event) => void read(event.currentTarget)} />
      </label>
    </div>
  );
}

function AllowField({ fields, trust, onChange }: Props): JSX.Element {
  const { allow, allowHint } = useLocale().texts.trust;
  return (
    <div class="field checkbox">
      <input
        id="allow"
        type="checkbox"
        aria-describedby="allow-hint"
        disabled={trust.keys.length > 0}
        checked={trust.allowUntrustedKey}
        onChange={(event) => onChange({ ...fields, allowUntrustedKey: event.currentTarget.checked })}
      />
      <div>
        <label for="allow">{allow}</label>
        <p class="hint" id="allow-hint">
          {allowHint}
        </p>
      </div>
    </div>
  );
}
