import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { cut, piecesOf, visibleText } from '../text/visible';
import { useApp } from './app-context';

/** Characters of a text on one line: no screen shows more. */
const LINE = 300;

/** Characters after which a text is cut until somebody wants all of it. */
const LONG = 1200;

/** A text of the trail on one line. Whatever it holds is seen, and changes nothing around it. */
export function Line({ text }: { text: string }): JSX.Element {
  return (
    <bdi>
      <Pieces text={cut(text, LINE)} />
    </bdi>
  );
}

/** Characters of a word that people read whole: those of a UUID or an ObjectId are no words. */
const WORD = 20;

/** A name, or an id whose middle is left out where it is long and has no words to read. All of it is shown on pointing at it. */
export function ShortId({ text }: { text: string }): JSX.Element {
  const short = text.replace(/[^\s|]+/g, (part) =>
    part.length > WORD && /\d/.test(part) && /^[\w.:-]+$/.test(part)
      ? `${part.slice(0, 6)}…${part.slice(-4)}`
      : part,
  );
  if (short === text) return <Line text={text} />;
  return (
    <span title={visibleText(text)}>
      <Line text={short} />
    </span>
  );
}

/** A text of the trail in full. The line breaks of JSON are its layout, those of a value are a part of it. */
export function Text({ text, isJson = false }: { text: string; isJson?: boolean }): JSX.Element {
  const { t } = useApp();
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > LONG;
  return (
    <>
      <bdi class="text">
        <Pieces text={isLong && !isWhole ? cut(text, LONG) : text} lineBreak={isJson ? '\n' : '\u240a\n'} />
        {isLong && !isWhole ? '…' : null}
      </bdi>
      {isLong ? (
        <button type="button" class="quiet" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t.showLess : t.showAll(text.length)}
        </button>
      ) : null}
    </>
  );
}

/** A name with the id that it is of; the id alone where there is no name. */
export function Named({
  name,
  id,
  as: As,
}: {
  name: string | undefined;
  id: string;
  as: typeof Line;
}): JSX.Element {
  return (
    <>
      <As text={name ?? id} />{' '}
      {name === undefined ? null : <span class="muted">{id === '' ? null : <As text={id} />}</span>}
    </>
  );
}

function Pieces({ text, lineBreak }: { text: string; lineBreak?: string }): JSX.Element {
  const pieces = piecesOf(text);
  if (pieces.length === 1 && !pieces[0]?.isEscape) return <>{text}</>;
  return (
    <>
      {pieces.map(({ text, isEscape }) =>
        isEscape ? <span class="escape">{text === '\u240a' ? (lineBreak ?? text) : text}</span> : text,
      )}
    </>
  );
}
