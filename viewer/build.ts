import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Where the router finds the pages. */
const OUT = join(__dirname, '..', 'dist', 'viewer');

/** Bundles a script or a style. Browsers of the last years run it as it is. */
async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, entry)],
    tsconfig: join(__dirname, 'tsconfig.json'),
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'eof',
  });
  return outputFiles[0]?.text.trim() ?? '';
}

/** CSP: an inline script or style runs when its hash is named. */
function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** One file that needs nothing else: neither a server nor a network. */
async function verifyPage(): Promise<string> {
  const [script, style] = await Promise.all([bundled('verify/main.tsx'), bundled('verify/verify.css')]);
  // What ends the element would end the script, and a comment in HTML would hide its end; in strings and regular
  // expressions this says the same.
  const inline = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(inline)}`,
    `style-src ${sourceOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const html = await readFile(join(__dirname, 'verify', 'verify.html'), 'utf8');
  const head = `<meta http-equiv="Content-Security-Policy" content="${policy}" /><style>${style}</style>`;
  return html
    .replace('<link rel="stylesheet" href="verify.css" />', () => head)
    .replace('<script src="verify.js"></script>', () => `<script>${inline}</script>`);
}

/** Writes the pages and what they are made of into a folder. */
export async function buildViewer(folder = OUT): Promise<void> {
  const files = {
    'index.html': readFile(join(__dirname, 'page', 'index.html'), 'utf8'),
    'viewer.js': bundled('page/main.tsx'),
    'viewer.css': bundled('page/page.css'),
    'verify.html': verifyPage(),
  };
  await mkdir(folder, { recursive: true });
  const texts = await Promise.all(
    Object.entries(files).map(async ([name, text]): Promise<[string, string]> => [name, await text]),
  );
  await Promise.all(texts.map(([name, text]) => writeFile(join(folder, name), text)));
  await writeFile(join(folder, 'files.js'), moduleOf(Object.fromEntries(texts)));
}

/** `files.ts`, with the pages inside: what bundles the package for a server takes modules along, but no other files. */
function moduleOf(texts: Record<string, string>): string {
  return [
    "'use strict';",
    "Object.defineProperty(exports, '__esModule', { value: true });",
    `const FILES = ${JSON.stringify(texts)};`,
    'exports.readViewerFile = async (name) => FILES[name];',
    '',
  ].join('\n');
}

if (require.main === module)
  buildViewer().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
