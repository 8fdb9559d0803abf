import type { Complaints } from '../../../lib/util/complaints';

/** What an application says about the page. */
export interface PageSettings {
  title: string | undefined;
  home: string | undefined;
  /** Origins beside the page's own. */
  frameAncestors: readonly string[];
  bearer: boolean;
}

export const PAGE_OPTIONS = ['title', 'home', 'frameAncestors', 'bearer'] as const;

/** Notes what is wrong with these options: no script may come in by an address, and no origin that stands for others. */
export function checkPageOptions(options: object, complaints: Complaints): void {
  const { title, home, frameAncestors, bearer } = options as Record<string, unknown>;
  if (title !== undefined && !(typeof title === 'string' && title.trim() !== '' && title.length <= 100))
    complaints.add('title', 'a text of 1 to 100 characters', title);
  if (home !== undefined && !isAddress(home))
    complaints.add('home', 'a path such as `/`, or an address with `https:` or `http:`', home);
  if (frameAncestors !== undefined && !(Array.isArray(frameAncestors) && frameAncestors.every(isOrigin)))
    complaints.add('frameAncestors', 'an array of origins such as `https://app.example.com`', frameAncestors);
  if (bearer !== undefined && typeof bearer !== 'boolean') complaints.add('bearer', 'true or false', bearer);
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || /[\s\\]/.test(value)) return false;
  return /^\/(?!\/)/.test(value) || (/^https?:\/\//i.test(value) && URL.canParse(value));
}

const ORIGIN = /^https?:\/\/[a-z0-9.[\]:-]+$/;

/** As a browser writes it. `*` and patterns are none: whoever frames the page is named. */
function isOrigin(value: unknown): boolean {
  return (
    typeof value === 'string' && ORIGIN.test(value) && URL.canParse(value) && new URL(value).origin === value
  );
}

/** The page, with its settings where its script finds them. */
export function withSettings(html: string, { title, home, frameAncestors, bearer }: PageSettings): string {
  const settings = { title, home, ...(bearer && { bearer, hosts: frameAncestors }) };
  const content = escapeAttribute(JSON.stringify(settings));
  return html.replace('</head>', () => `<meta name="audit-ledger" content="${content}" /></head>`);
}

/** The policy of a page, which these origins may frame beside its own. */
export function framedBy(policy: string, { frameAncestors }: PageSettings): string {
  return policy.replace(
    /frame-ancestors [^;]*/,
    () => `frame-ancestors ${["'self'", ...frameAncestors].join(' ')}`,
  );
}

function escapeAttribute(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
