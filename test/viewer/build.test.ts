import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildViewer } from '../../viewer/build';
import type * as Pages from '../../viewer/files';

/** Bytes that the page may have when it is sent compressed. */
const LARGEST = 60_000;

describe('the page that checks evidence', () => {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'audit-build-')));
  let html: string;
  let script: string;
  let style: string;

  beforeAll(async () => {
    await Promise.all(folders.map((folder) => buildViewer(folder)));
    html = readFileSync(join(folders[0]!, 'verify.html'), 'utf8');
    script = /<script>([^]*)<\/script>/.exec(html)?.[1] ?? '';
    style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? '';
  });
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  it('is one file: one script, one style, nothing that is loaded', () => {
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<style/g)).toHaveLength(1);
    const head = html.replace(script, '').replace(style, '');
    expect(head.match(/(?:src|href|url)\s*[=(]\s*["']?[^"' >]*/g)).toEqual(['href="data:,']);
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('allows itself alone: no network, no other script, no evaluation of text', () => {
    const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(html.indexOf('http-equiv')).toBeLessThan(html.indexOf('<style'));
  });

  it('holds nothing that ends its script early, and nothing that speaks to a network', () => {
    expect(script).not.toMatch(/<\/script|<!--/i);
    expect(script).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\(|node:/);
    expect(script).not.toMatch(/\beval\(|new Function|document\.write/);
  });

  it('is small', () => {
    expect(gzipSync(html).length).toBeLessThan(LARGEST);
  });

  it('comes out the same each time', () => {
    const [one, other] = folders.map((folder) =>
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
    expect(one).toEqual(other);
    const pages = ['index.html', 'verify.html', 'viewer.css', 'viewer.js'];
    expect(one!.map(([name]) => name)).toEqual(['files.js', ...pages]);
  });

  it('is also a module with the pages inside, for programs that are bundled', async () => {
    const { readViewerFile } = jest.requireActual<typeof Pages>(join(folders[0]!, 'files.js'));
    for (const name of ['index.html', 'verify.html', 'viewer.css', 'viewer.js'])
      expect(await readViewerFile(name)).toBe(readFileSync(join(folders[0]!, name), 'utf8'));
  });
});
