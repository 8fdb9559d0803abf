import type { ComponentChild, JSX } from 'preact';
import { useLocale } from './locale';

/**
 * What a reader would not see, or what would make text look like other text: control characters, bidirectional
 * overrides and other format characters, lone surrogates, separators, and spaces that are none of the keyboard's.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** Characters of a value that are shown. */
const LIMIT = 300;

/** Text of unknown origin: nothing but text, with all that hides in it made visible, and cut where it is long. */
export function Visible({ text, limit = LIMIT }: { text: string; limit?: number }): JSX.Element {
  const { texts, number } = useLocale();
  const shown = text.length > limit ? text.slice(0, limit) : text;
  return (
    <bdi class="value">
      {parts(shown, texts.hiddenCharacter)}
      {text.length > limit && <span class="cut">{texts.cut(number(text.length))}</span>}
    </bdi>
  );
}

function parts(text: string, name: (code: string) => string): ComponentChild[] {
  const nodes: ComponentChild[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    nodes.push(
      text.slice(end, index),
      <span class="hidden-character" title={name(code)}>
        {code}
      </span>,
    );
    end = index + character.length;
  }
  return [...nodes, text.slice(end)];
}
