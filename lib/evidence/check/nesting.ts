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

/** Characters that a member takes at least, as in `"":0,`. */
const MEMBER = 4;

/**
 * Whether a JSON text has more members or items than any record. Asked before the text is parsed: a value takes many
 * times the memory of its text when it is made of little else.
 */
export function hasTooManyParts(text: string): boolean {
  return hasMoreParts(text, MAX_MEMBERS, MAX_ITEMS);
}

/** Members, and items, that a record may have which is not in the canonical form: it is written anew to find its hash. */
const MAX_REWRITTEN = 50_000;

/** Whether a JSON text that is not in the canonical form has so many parts that it is not written anew. */
export function isTooMuchToRewrite(text: string): boolean {
  return hasMoreParts(text, MAX_REWRITTEN, MAX_REWRITTEN);
}

function hasMoreParts(text: string, maxMembers: number, maxItems: number): boolean {
  if (text.length <= Math.min(MEMBER * maxMembers, maxItems)) return false;
  let [members, items] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COLON:
        if (++members > maxMembers) return true;
        break;
      case COMMA:
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++items > maxItems) return true;
    }
  }
  return false;
}

/**
 * Whether the members of each object in a JSON text stand in the order of their names. Told by the text that
 * `JSON.stringify` gave, since objects of many shapes take far longer to look at than their text. Null where a name has
 * an escape, and the text cannot tell.
 */
export function isSortedText(text: string): boolean | null {
  const outer: string[] = [];
  let last = '';
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const begin = at + 1;
        at = endOfString(text, at);
        if (text.charCodeAt(at + 1) !== COLON) break;
        const name = text.slice(begin, at);
        if (name.includes('\\')) return null;
        if (name < last) return false;
        last = name;
        break;
      }
      case OPEN_OBJECT:
        outer.push(last);
        last = '';
        break;
      case CLOSE_OBJECT:
        last = outer.pop() ?? '';
    }
  }
  return true;
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
