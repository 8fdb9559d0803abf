import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Request, Response } from 'express';
import { sendText } from './send';

/** The folder of the sources, or of the compiled files. */
const ROOT = join(__dirname, '../../..');

/** The build's output folder for the viewer. */
const FOLDER = join(ROOT, basename(ROOT) === 'dist' ? 'viewer' : 'dist/viewer');

/** Files that anybody may get, because they have no data of tenants. */
const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'viewer.js': 'text/javascript; charset=utf-8',
  'viewer.css': 'text/css; charset=utf-8',
  'verify.html': 'text/html; charset=utf-8',
} as const;
export type ViewerFile = keyof typeof TYPES;

/** Content-Security-Policy: only the viewer's own scripts and styles, and requests only to its own server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** The policy inside a page with an inline script. The build writes the script's hash into it. */
const OWN_POLICY = /http-equiv="Content-Security-Policy" content="([^"]*)"/;

const files = new Map<ViewerFile, Promise<string>>();

/**
 * Sends a file of the viewer. Browsers may cache it, but must check each time whether it has changed.
 * @throws Error when the viewer was not built.
 */
export async function sendViewerFile(name: ViewerFile, res: Response): Promise<void> {
  const text = await readFileOnce(name);
  if (res.headersSent) return;
  const own = OWN_POLICY.exec(text)?.[1];
  res.setHeader('Cache-Control', 'private, no-cache');
  res.setHeader('Content-Security-Policy', own ? `${own}; frame-ancestors 'self'` : POLICY);
  sendText(res, TYPES[name], text);
}

/** Reads a file once. After a failure, the next call tries again. */
function readFileOnce(name: ViewerFile): Promise<string> {
  const known = files.get(name);
  if (known) return known;
  const reading = read(name);
  files.set(name, reading);
  reading.catch(() => files.delete(name));
  return reading;
}

async function read(name: ViewerFile): Promise<string> {
  try {
    return await readFile(join(FOLDER, name), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new Error('The viewer was not built: run npm run build.', { cause });
  }
}

/**
 * Where to redirect a request for the page without a slash at its end: from `/audit?q=a` to `./audit/?q=a`; null when the
 * slash is there. The page's relative links need it. The target is relative because a proxy may use another path.
 */
export function addSlash({ originalUrl }: Pick<Request, 'originalUrl'>): string | null {
  const [path = '', ...query] = originalUrl.split('?');
  if (path.endsWith('/')) return null;
  const last = path.slice(path.lastIndexOf('/') + 1);
  return `./${last}/${query.length > 0 ? `?${query.join('?')}` : ''}`;
}
