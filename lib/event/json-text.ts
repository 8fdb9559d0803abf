/** The object or array that a text is the JSON of; null for any other text. */
export function parseJsonText(text: string): object | null {
  if (!JSON_BEGINS.has(text.charCodeAt(0)) || !isLikelyJson(text)) return null;
  const value = tryParse(text);
  return typeof value === 'object' ? value : null;
}

/** Brackets and white space. */
const JSON_BEGINS = new Set([123, 91, 32, 9, 10, 13]);

function isLikelyJson(text: string): boolean {
  return /^\s*(?:\{\s*"|\[\s*[[{"])/.test(text) && /[}\]]\s*$/.test(text.slice(-64));
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
