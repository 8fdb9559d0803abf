import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Request, Response } from 'express';

/** Where the sources, or the compiled files, begin. */
const ROOT = join(__dirname, '../../..');

/** Where the build puts the viewer. */
const FOLDER = join(ROOT, basename(ROOT) === 'dist' ? 'viewer' : 'dist/viewer');

/** What the router serves to anybody: it holds no data. */
const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'viewer.js': 'text/javascript; charset=utf-8',
  'viewer.css': 'text/css; charset=utf-8',
  'verify.html': 'text/html; charset=utf-8',
} as const;
export type ViewerFile = keyof typeof TYPES;

/** CSP: scripts and styles are the viewer's own files, and it talks to nobody but its own server. */
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

/** The policy of a page that has its script in it: named by its hash, and made with it. */
const OWN_POLICY = /http-equiv="Content-Security-Policy" content="([^"]*)"/;

const files = new Map<ViewerFile, Promise<string>>();

/**
 * Sends a file of the viewer. Browsers keep it, and ask whether it is still the same.
 * @throws Error when the viewer was not built.
 */
export async function sendViewerFile(name: ViewerFile, res: Response): Promise<void> {
  const text = await readFileOnce(name);
  if (res.headersSent) return;
  const own = OWN_POLICY.exec(text)?.[1];
  res.set({
    'Content-Type': TYPES[name],
    'Cache-Control': 'private, no-cache',
    'Content-Security-Policy': own ? `${own}; frame-ancestors 'self'` : POLICY,
  });
  res.send(text);
}

/** Read once; after a failure, which may pass, anew. */
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
 * Where the page is when it was asked for without the slash that its relative addresses need; null when it has it.
 * Relative, so that it holds behind a proxy that has the router elsewhere.
 */
export function withSlash({ originalUrl }: Pick<Request, 'originalUrl'>): string | null {
  const [path = '', ...query] = originalUrl.split('?');
  if (path.endsWith('/')) return null;
  const last = path.slice(path.lastIndexOf('/') + 1);
  return `./${last}/${query.length > 0 ? `?${query.join('?')}` : ''}`;
}
