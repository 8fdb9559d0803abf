import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Json } from '../../../lib/chain/json';
import { useApp } from './app-context';
import { Line, Text } from './text';

/** Members that are shown at once; each click shows as many more. */
const PORTION = 50;

/** Levels that are open from the start. */
const OPEN = 3;

/** Levels that are indented: deeper ones would leave no room for their values. */
const INDENTED = 8;

/** A value of the trail, as a tree. */
export function JsonTree({ value, depth = 0 }: { value: Json; depth?: number }): JSX.Element {
  return typeof value === 'object' && value !== null ? (
    <Branch value={value} depth={depth} />
  ) : (
    <Scalar value={value} />
  );
}

/** A value that holds no others; one that does, in a word. */
export function Scalar({ value }: { value: Json }): JSX.Element {
  const { t } = useApp();
  if (typeof value === 'string')
    return (
      <span class="string">{value === '' ? <i class="muted">{t.json.empty}</i> : <Text text={value} />}</span>
    );
  if (Array.isArray(value)) return <span class="muted">[{t.json.items(value.length)}]</span>;
  if (typeof value === 'object' && value !== null)
    return <span class="muted">{`{${t.json.members(Object.keys(value).length)}}`}</span>;
  return <span class="scalar">{String(value)}</span>;
}

function Branch({
  value,
  depth,
}: {
  value: Exclude<Json, string | number | boolean | null>;
  depth: number;
}): JSX.Element {
  const { t } = useApp();
  const names = Object.keys(value);
  const [isOpen, setOpen] = useState(depth < OPEN);
  const [shown, setShown] = useState(PORTION);
  if (names.length === 0) return <Scalar value={value} />;
  const count = Array.isArray(value) ? t.json.items(names.length) : t.json.members(names.length);
  const toggle = (
    <button type="button" class="quiet fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
      {count}
    </button>
  );
  if (!isOpen) return toggle;
  return (
    <>
      {depth > 0 ? toggle : null}
      <dl class={depth > 0 && depth <= INDENTED ? 'tree indented' : 'tree'}>
        {names.slice(0, shown).map((name) => (
          <div key={name}>
            <dt>
              <Line text={name} />
            </dt>
            <dd>
              <JsonTree value={(value as Record<string, Json>)[name] as Json} depth={depth + 1} />
            </dd>
          </div>
        ))}
      </dl>
      <More rest={names.length - shown} show={() => setShown(shown + PORTION)} />
    </>
  );
}

/** Shows the next members of a long list. */
export function More({ rest, show }: { rest: number; show: () => void }): JSX.Element | null {
  const { t } = useApp();
  if (rest <= 0) return null;
  return (
    <button type="button" class="quiet" onClick={show}>
      {t.showMore(Math.min(rest, PORTION))}
    </button>
  );
}
