import { readViewerFile } from '../../../viewer/files';
import { type Answer, tagOf, text } from './answer';
import type { Asked } from './asked';

/** Files that anybody may get, because they have no data of tenants. */
const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'viewer.js': 'text/javascript; charset=utf-8',
  'viewer.css': 'text/css; charset=utf-8',
  'verify.html': 'text/html; charset=utf-8',
} as const;
export type ViewerFile = keyof typeof TYPES;

/** Those that have a path of their own. */
export const VIEWER_FILES = ['viewer.js', 'viewer.css', 'verify.html'] satisfies ViewerFile[];

/**
 * Content-Security-Policy: only the viewer's own scripts and styles, and requests only to its own server. Nothing makes HTML
 * or a script of a text, and nothing may begin to.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * The page that checks files reads what is hostile, and comes from the application's origin: it has none of its own here
 * (`sandbox` without `allow-same-origin`), so that not even its own script reaches the application's cookies, storage or API.
 */
const OF_FILES = "sandbox allow-scripts; frame-ancestors 'self'";

/** The policy inside a page with an inline script. The build writes the script's hash into it. */
const OWN_POLICY = /http-equiv="Content-Security-Policy" content="([^"]*)"/;

/**
 * A file of the viewer. Browsers may cache it, but must check each time whether it has changed.
 * @throws Error when the viewer was not built.
 */
export async function viewerAnswer(name: ViewerFile): Promise<Answer> {
  const body = await readViewerFile(name);
  const known = answers.get(name);
  if (known?.body === body) return known;
  const own = OWN_POLICY.exec(body)?.[1];
  const answer = text(TYPES[name], body, {
    'Cache-Control': 'private, no-cache',
    'Content-Security-Policy': own ? `${own}; ${OF_FILES}` : POLICY,
    ETag: tagOf(body),
  });
  answers.set(name, answer);
  return answer;
}

/** Anybody may ask for them, as often as they like: they are hashed once. */
const answers = new Map<ViewerFile, Answer>();

/** The page's relative links need a path below the mount. */
export function redirectToPage({ page, query }: Pick<Asked, 'page' | 'query'>): Answer {
  const location = query === '' ? page : `${page}?${query}`;
  return {
    ...text('text/plain; charset=utf-8', `Found. Redirecting to ${location}`),
    status: 302,
    headers: { Location: location },
  };
}

/**
 * Where the page is, seen from a mount that was asked for without a slash at its end: of `/audit`, `./audit/`. Relative,
 * because a proxy may use another path. Null where the slash is there.
 */
export function pageOf(path: string, file = ''): string | null {
  return path.endsWith('/') ? null : `./${path.slice(path.lastIndexOf('/') + 1)}/${file}`;
}
