import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request, Response } from 'express';

/** Beside the compiled router, or where the build puts them when the router runs from its sources. */
const FOLDERS = [join(__dirname, '../../viewer'), join(__dirname, '../../dist/viewer')];

/** What the router serves to anybody: it holds no data. */
const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'viewer.js': 'text/javascript; charset=utf-8',
  'viewer.css': 'text/css; charset=utf-8',
  'verify.html': 'text/html; charset=utf-8',
} as const;
export type PageFile = keyof typeof TYPES;

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

const files = new Map<PageFile, Promise<string>>();

/**
 * Sends a file of the viewer. Browsers keep it, and ask whether it is still the same.
 * @throws Error when the viewer was not built.
 */
export async function sendPage(name: PageFile, res: Response): Promise<void> {
  const text = await textOf(name);
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
function textOf(name: PageFile): Promise<string> {
  const known = files.get(name);
  if (known) return known;
  const reading = read(name);
  files.set(name, reading);
  reading.catch(() => files.delete(name));
  return reading;
}

async function read(name: PageFile): Promise<string> {
  const folder = FOLDERS.find(
    (candidate) => existsSync(join(candidate, 'index.html')) && existsSync(join(candidate, 'viewer.js')),
  );
  if (folder !== undefined) return readFile(join(folder, name), 'utf8');
  throw new Error('The viewer was not built: run npm run build.');
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
