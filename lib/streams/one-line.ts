/** Characters of what others say that are shown. */
const MOST = 300;

/** A text that others have written as it may be kept and shown: short, on one line, well-formed. */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, MOST)
    .toWellFormed();
}
