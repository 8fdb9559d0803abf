const ASCII = /^[\0-\x7f]*$/;

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. Most texts are ASCII, which needs no copy. */
export function utf8Length(text: string): number {
  return ASCII.test(text) ? text.length : encoder.encode(text).length;
}
