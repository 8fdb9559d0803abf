import type { Histogram } from '../data/api';

/** A run of bars, `end` not among them. */
export interface Span {
  begin: number;
  end: number;
}

/** How many entries a run of bars stands for; `isMore` where a bar is cut off. */
export function countOf(
  { counts, limit }: Histogram,
  { begin, end }: Span,
): { count: number; isMore: boolean } {
  const part = counts.slice(begin, end);
  const count = part.reduce((sum, each) => sum + each, 0);
  return { count, isMore: limit !== null && part.some((each) => each >= limit) };
}

/** The instant at the beginning of a bar, or at the end of the last one. */
export function edgeOf({ from, to, step, counts }: Histogram, index: number): number {
  const start = Date.parse(from ?? '');
  const end = Date.parse(to ?? '');
  const edge = start + index * step;
  return index >= counts.length && Number.isFinite(end) ? end : edge;
}

/** The bar at a place between 0 and 1. */
export function barAt(part: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(part * count)));
}

/** The run between two bars, both among them. */
export function spanOf(a: number, b: number): Span {
  return { begin: Math.min(a, b), end: Math.max(a, b) + 1 };
}

/** Moves one edge of a run; the other stays where it is. */
export function moved({ begin, end }: Span, edge: 'begin' | 'end', to: number, count: number): Span {
  return edge === 'begin'
    ? { begin: Math.max(0, Math.min(to, end - 1)), end }
    : { begin, end: Math.min(count, Math.max(to, begin + 1)) };
}
