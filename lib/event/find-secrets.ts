import { assignedSecretAt } from './assigned-secrets';
import type { NameVerdict } from './secret-names';
import { botTokenAt, passwordHashAt, shapedSecretAt, type Span, WebTokens } from './secret-shapes';
import { optionSecretAt } from './spoken-secrets';

const LETTER_OR_DIGIT = 1;
const SIGN = 2;
const DOLLAR = 3;
const PERCENT = 4;
const DASH = 5;

/** What an ASCII character is to the search. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(character)) return LETTER_OR_DIGIT;
  return { '=': SIGN, ':': SIGN, $: DOLLAR, '%': PERCENT, '-': DASH }[character] ?? 0;
});

/**
 * The secrets in a text, in their order: what has the shape of one, and what the text says to be one (`password=x`). It
 * goes through the text once: at the beginning of each word it looks for tokens, at each sign for a name before it.
 */
export function findSecrets(text: string, judge: (name: string) => NameVerdict): Span[] {
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
      span = isWebToken ? (webTokens ??= new WebTokens(text)).at(at) : shapedSecretAt(text, at);
    } else span = secretAtSign(text, at, kind, judge);
    if (!span) continue;
    if (spans === NONE) spans = [];
    spans.push(span);
    at = span[1] - 1;
    isInWord = false;
  }
  return spans;
}

const NONE: Span[] = [];
const E = 'e'.charCodeAt(0);

function secretAtSign(
  text: string,
  at: number,
  kind: number,
  judge: (name: string) => NameVerdict,
): Span | null {
  switch (kind) {
    case SIGN:
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
    default:
      return text[at + 1] === '-' ? optionSecretAt(text, at, judge) : null;
  }
}
