const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const NINE = 0x39;
const COLON = 0x3a;
const LARGE_E = 0x45;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const SMALL_E = 0x65;
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
 * Whether a JSON text is the canonical one of its value (RFC 8785): told by the text, since a value of very many parts takes
 * far longer to write anew. Nothing but its strings with escapes and its longer numbers is read again. False where a text
 * may hold a lone surrogate, and this cannot tell.
 */
export function isCanonicalText(text: string): boolean {
  if (text.includes('\\ud')) return false;
  const outer: (string | null)[] = [];
  let last: string | null = null;
  // Not by `includes`: V8 has no doubt that it may search again at each character.
  const hasEscapes = /\\/.test(text);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const isName = text.charCodeAt(end + 1) === COLON;
      const written = hasEscapes || isName ? text.slice(at, end + 1) : '';
      const isEscaped = hasEscapes && written.includes('\\');
      if (isEscaped && !isWrittenSo(written)) return false;
      if (isName) {
        const name = isEscaped ? (JSON.parse(written) as string) : written.slice(1, -1);
        if (last !== null && name <= last) return false;
        last = name;
      }
      at = end;
    } else if (code === OPEN_OBJECT) {
      outer.push(last);
      last = null;
    } else if (code === CLOSE_OBJECT) last = outer.pop() ?? null;
    else if (code <= SPACE) return false;
    else if (code <= NINE && code !== COMMA) {
      const end = endOfNumber(text, at);
      if (end - at > 1 && !isWrittenSo(text.slice(at, end))) return false;
      at = end - 1;
    }
  }
  return true;
}

/** Whether a string or a number is written as JSON.stringify writes it, which is the canonical way. */
function isWrittenSo(text: string): boolean {
  return JSON.stringify(JSON.parse(text)) === text;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && isInNumber(text.charCodeAt(end))) end++;
  return end;
}

/** A digit, or one of `+`, `-`, `.`, `E` and `e`. */
function isInNumber(code: number): boolean {
  return (code <= NINE && code > COMMA) || code === PLUS || code === LARGE_E || code === SMALL_E;
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
