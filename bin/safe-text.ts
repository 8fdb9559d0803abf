/**
 * What may control a terminal, or make text look like other text: control characters (C0, C1 and DEL), bidirectional
 * overrides and other invisible format characters, line separators, lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The same, but for the line breaks of the text itself. */
const UNSAFE_IN_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of unknown origin as it may stand in one line of a terminal. */
export function safeLine(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** Text of unknown origin as it may stand in a terminal: its line breaks stay. */
export function safeLines(text: string): string {
  return text.replace(UNSAFE_IN_LINES, escaped);
}

/** One JSON document in one line, which holds nothing that a terminal would obey. */
export function safeJson(value: unknown): string {
  return safeLine(JSON.stringify(value));
}

/** The escapes of JSON, by UTF-16 code unit. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const digits = character.charCodeAt(i).toString(16).padStart(4, '0');
    return `\\u${digits}`;
  }).join('');
}
