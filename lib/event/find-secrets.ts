import { assignedSecretAt } from './assigned-secrets';
import { elementSecretAt } from './labelled-secrets';
import { botTokenAt, passwordHashAt, shapedSecretAt, WebTokens } from './secret-shapes';
import type { Judge, Span } from './span';
import { passwordInUrl } from './url-password';
import { optionSecretAt } from './spoken-secrets';

const LETTER_OR_DIGIT = 1;
const SIGN = 2;
const DOLLAR = 3;
const PERCENT = 4;
const DASH = 5;
const TAG_END = 6;

/** What an ASCII character is to the search. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(character)) return LETTER_OR_DIGIT;
  return { '=': SIGN, ':': SIGN, $: DOLLAR, '%': PERCENT, '-': DASH, '>': TAG_END }[character] ?? 0;
});

/**
 * The secrets in a text, in their order: what has the shape of one, and what the text says to be one (`password=x`). It
 * goes through the text once: at the beginning of each word it looks for tokens, at each sign for a name before it.
 * @param isCut whether the text went on, so that what is at its end may be the beginning of a longer secret
 */
export function findSecrets(text: string, judge: Judge, isCut: boolean): Span[] {
  let spans = NONE;
  let webTokens: WebTokens | null = null;
  let isInWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? (KINDS[code] as number) : 0;
    if (kind === LETTER_OR_DIGIT) {
      if (isInWord) continue;
      isInWord = true;
    } else {
      isInWord = false;
      if (kind === 0) continue;
    }
    let span: Span | null;
    if (kind === LETTER_OR_DIGIT) {
      const isWebToken = code === E && text.startsWith('eyJ', at);
      span = isWebToken ? (webTokens ??= new WebTokens(text, isCut)).at(at) : shapedSecretAt(text, at, judge);
    } else span = secretAtSign(text, at, kind, judge, isCut);
    if (!span) continue;
    if (spans === NONE) spans = [];
    add(spans, span);
    at = Math.max(at, span[1] - 1); // of some messages the value is before what tells it
    isInWord = false;
  }
  return spans;
}

/** Adds what was found last, which may begin before what was found before. */
function add(spans: Span[], [from, to]: Span): void {
  for (let last = spans.at(-1); last && from < last[1]; last = spans.at(-1)) {
    spans.pop();
    from = Math.min(from, last[0]);
    to = Math.max(to, last[1]);
  }
  spans.push([from, to]);
}

const NONE: Span[] = [];
const E = 'e'.charCodeAt(0);

function secretAtSign(text: string, at: number, kind: number, judge: Judge, isCut: boolean): Span | null {
  switch (kind) {
    case SIGN:
      if (text.startsWith('://', at)) return passwordInUrl(text, at + 3, isCut);
      return (
        (text.startsWith(':AA', at) ? botTokenAt(text, at) : null) ??
        assignedSecretAt(text, at, text[at] as string, judge)
      );
    case DOLLAR:
      return passwordHashAt(text, at);
    case PERCENT:
      return /^%3d$/i.test(text.slice(at, at + 3))
        ? assignedSecretAt(text, at, text.slice(at, at + 3), judge)
        : null;
    case TAG_END:
      return elementSecretAt(text, at, judge);
    default:
      return text[at + 1] === '-' ? optionSecretAt(text, at, judge) : null;
  }
}
