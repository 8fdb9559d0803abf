import type { JSX } from 'preact';
import type { Tone } from './verdict';

const OUTLINES: Record<Tone, string> = {
  good: 'M24 4a20 20 0 1 0 0 40a20 20 0 0 0 0-40z',
  weak: 'M24 5L45 42H3z',
  bad: 'M15 4h18l11 11v18L33 44H15L4 33V15z',
  unknown: 'M24 4a20 20 0 1 0 0 40a20 20 0 0 0 0-40z',
};

const SIGNS: Record<Tone, string> = {
  good: 'M15 25l6.5 6.5L34 18.5',
  weak: 'M24 19v10M24 35v.5',
  bad: 'M17 17l14 14M31 17L17 31',
  unknown: 'M18.5 19a5.5 5.5 0 1 1 8 5c-1.700.9-2.500 2-2.500 4M24 34v.5',
};

/** The sign of a verdict. It differs in shape, not in colour alone; the words beside it say the same. */
export function Icon({ tone }: { tone: Tone }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 48 48" width="40" height="40" aria-hidden="true">
      <path class="icon-outline" d={OUTLINES[tone]} />
      <path class="icon-sign" d={SIGNS[tone]} />
    </svg>
  );
}
