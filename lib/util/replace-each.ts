/** Characters that are replaced at a time. */
const WINDOW = 64 * 1024;

/**
 * `text.replaceAll(from, to)`, where `from` is one character, or the same one twice. That takes many times the memory of
 * a long text with as many matches as characters; this takes no more than the text itself.
 */
export function replaceEach(text: string, from: string, to: string): string {
  if (text.length <= WINDOW) return text.replaceAll(from, to);
  const parts: string[] = [];
  for (let begin = 0; begin < text.length;) {
    const end = from.length === 1 ? begin + WINDOW : endBetweenPairs(text, begin, from.charCodeAt(0));
    parts.push(text.slice(begin, end).split(from).join(to));
    begin = end;
  }
  return parts.join('');
}

/** Where a part that begins at `begin` can end without parting a pair. */
function endBetweenPairs(text: string, begin: number, half: number): number {
  const end = begin + WINDOW;
  let halves = 0;
  while (halves < WINDOW && text.charCodeAt(end - 1 - halves) === half) halves++;
  return end + (halves % 2);
}
