import type { NameVerdict } from './secret-names';

/** A part of a text: from, and up to. */
export type Span = readonly [from: number, to: number];

/** Tells what a name says about its value. */
export type Judge = (name: string) => NameVerdict;

/** What a sticky expression finds at a place of a text. */
export function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}
