import type { Asked } from './asked';
import { Problem } from './problem';

/** What a request would do here. */
export interface Doing {
  /** Whether it leaves a record, or costs more than one reading. */
  isDear: boolean;
}

/** Browsers ask ahead of their users by these (Speculative loading, and what came before it). */
const SPECULATION = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** Of a user's own click, or of an address that they typed: not of an image or a frame in somebody's page. */
const TOP_LEVEL = new Set(['document', '']);

/**
 * Refuses what a page elsewhere, or a browser by itself, asks for in the name of a user who knows nothing of it
 * (`<img src="…/audit/export">`, a prefetch): by Fetch Metadata, which scripts cannot set. Programs and old browsers send
 * none of it, and are let in.
 * @throws Problem 403
 */
export function assertInvited(asked: Pick<Asked, 'header'>, { isDear }: Doing): void {
  if (isDear && isSpeculative(asked)) {
    const detail = 'This is not given ahead of time, because asking for it is recorded or costly: open it.';
    throw new Problem(403, detail, 'SPECULATIVE_REQUEST');
  }
  if (isForeign(asked, isDear)) {
    const detail = isDear
      ? 'Another site asked for this in your name. If you want it, open the audit trail’s own page, and ask there.'
      : 'Another site asked for this in your name: open the address yourself.';
    throw new Problem(403, detail, 'CROSS_SITE_REQUEST');
  }
}

/** Whether a browser asks before its user does. */
function isSpeculative({ header }: Pick<Asked, 'header'>): boolean {
  return SPECULATION.some((name) => /prefetch|prerender|preview/i.test(header(name) ?? ''));
}

/**
 * Whether the page of another site asks. What it cannot make a browser send is a `Bearer` token: who has one was told it, and
 * their origin was let in (CORS). Of the same site, a sibling's scripts are trusted as far as they say who they are (`cors`),
 * and its links where a user has followed them; what it only embeds is not.
 */
function isForeign({ header }: Pick<Asked, 'header'>, isDear: boolean): boolean {
  const site = wordOf(header('sec-fetch-site'));
  if (site !== 'cross-site' && site !== 'same-site') return false;
  if (/^bearer /i.test(header('authorization') ?? '')) return false;
  const mode = wordOf(header('sec-fetch-mode'));
  const isOpened = mode === 'navigate' && TOP_LEVEL.has(wordOf(header('sec-fetch-dest')));
  if (site === 'cross-site') return isDear || !isOpened;
  if (mode === 'cors' || mode === 'same-origin') return false;
  return !isOpened || (isDear && header('sec-fetch-user')?.trim() !== '?1');
}

/** Where a header was sent twice, that it is another site counts. */
function wordOf(value: string | undefined): string {
  const words = (value ?? '')
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
  return words.find((word) => word === 'cross-site') ?? words[0] ?? '';
}
