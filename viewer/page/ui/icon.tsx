import type { JSX } from 'preact';

/** Outlines on a grid of 16 by 16. */
const PATHS = {
  checked: 'M8 1.5 13.5 3.5V8c0 3.2-2.3 5.4-5.5 6.5C4.8 13.4 2.5 11.2 2.5 8V3.5ZM5.5 8l1.8 1.8L10.7 6.3',
  unanchored: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 4.8V8.2l2.2 1.6',
  broken: 'M8 1.8 14.8 13.7H1.2ZM8 6.2v3.6M8 11.6v.2',
  pending: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  success: 'M3 8.5 6.5 12 13 4.5',
  failure: 'M4 4l8 8M12 4l-8 8',
  denied: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M3.8 3.8l8.4 8.4',
  back: 'M13 8H3M7.5 3.5 3 8l4.5 4.5',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  up: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  down: 'M8 3v10M3.5 8.5 8 13l4.5-4.5',
  link: 'M6.5 9.5l3-3M7 4.5 8.5 3a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5l3.5 3.5',
  filter: 'M2 4h12M4.5 8h7M6.5 12h3',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words that say the same. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
