const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Whether a JSON text has objects and arrays in more than `levels` levels. Asked before the text is parsed: a hundred
 * thousand brackets would overflow the stack of what reads the value.
 */
export function isDeeperThan(text: string, levels: number): boolean {
  if (hasAtMost(text, levels)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++depth > levels) return true;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
    }
  }
  return false;
}

/**
 * Members that the objects of a record may have in all, and items of objects and arrays: about as many as three values of
 * 512 KiB can have, the most that a ledger can be told to keep.
 */
const MAX_MEMBERS = 320_000;
const MAX_ITEMS = 1_000_000;

/** Characters in which there can be no more members: each takes `"":0,`. */
const FEW = 4 * MAX_MEMBERS;

/**
 * Whether a JSON text has more members or items than any record. Asked before the text is parsed: a value takes many
 * times the memory of its text when it is made of little else.
 */
export function hasTooManyParts(text: string): boolean {
  if (text.length <= FEW) return false;
  let [members, items] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COLON:
        if (++members > MAX_MEMBERS) return true;
        break;
      case COMMA:
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++items > MAX_ITEMS) return true;
    }
  }
  return false;
}

/** Whether a text opens no more objects and arrays than that, brackets in strings among them: most texts, and soon told. */
function hasAtMost(text: string, count: number): boolean {
  let left = count;
  for (const bracket of '[{')
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (--left < 0) return false;
  return true;
}

/** Where the string that begins at `start` has its last quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
