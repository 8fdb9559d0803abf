/** A piece of a text: as it is, or what stands for a character that would not be seen. */
export interface Piece {
  text: string;
  isEscape: boolean;
}

/**
 * Characters that are not seen, or that change how others are: controls, marks and overrides of direction, spaces
 * without width, line separators, tags, lone surrogates. Joiners are left: scripts and emoji need them.
 */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;

/** Splits a text so that all its characters can be shown. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: char, index } of text.matchAll(HIDDEN)) {
    if (index > end) pieces.push({ text: text.slice(end, index), isEscape: false });
    pieces.push({ text: escapeOf(char), isEscape: true });
    end = index + char.length;
  }
  if (end < text.length || pieces.length === 0) pieces.push({ text: text.slice(end), isEscape: false });
  return pieces;
}

/** The same as one text, for attributes. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, escapeOf);
}

/** The beginning of a text, not in the middle of a character. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const isSplit = /[\ud800-\udbff]/.test(text.charAt(length - 1));
  return text.slice(0, isSplit ? length - 1 : length);
}

function escapeOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code);
  if (code === DELETE) return '\u2421';
  const hex = code.toString(16).toUpperCase();
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
