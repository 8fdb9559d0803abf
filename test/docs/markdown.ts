import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository. */
export const ROOT = join(__dirname, '../..');

/** A fenced block of a page. */
export interface Block {
  /** The page's path in the repository, with `/`. */
  page: string;
  /** Number of the line that the fence stands before. */
  line: number;
  language: string;
  code: string;
}

/** Lines of a page that stand together and begin with a pipe. */
export interface Table {
  page: string;
  /** Number of its first line. */
  line: number;
  rows: string[];
}

/** A link in the text of a page, as it is written there. */
export interface Link {
  page: string;
  target: string;
}

const FENCED = /^```(\w*)\n(.*?)^```$/gms;
const LINKED = /!?\[[^\]]*\]\(([^)\s]+)\)/g;
const HEADING = /^#{1,6} (.+)$/gm;

const OTHER_PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'bench/README.md'];

/** All pages that readers get, as paths in the repository. */
export function pages(): string[] {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const named = inDocs.map((name) => `docs/${name.replaceAll('\\', '/')}`);
  return [...OTHER_PAGES, ...named.filter((name) => name.endsWith('.md')).sort()];
}

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const text = textOf(page);
  return [...text.matchAll(FENCED)].map(({ index, 1: language = '', 2: code = '' }) => {
    const line = text.slice(0, index).split('\n').length + 1;
    return { page, line, language, code };
  });
}

/** The tables of a page, those in its code apart. */
export function tablesOf(page: string): Table[] {
  const text = textOf(page).replace(FENCED, (block) => block.replace(/[^\n]/g, ''));
  return [...text.matchAll(/^(?:\|.*(?:\n|$))+/gm)].map(({ index, 0: rows }) => {
    const line = text.slice(0, index).split('\n').length;
    return { page, line, rows: rows.trimEnd().split('\n') };
  });
}

/** The links and images of a page, those in its code apart. */
export function linksOf(page: string): Link[] {
  const text = textOf(page)
    .replace(FENCED, '')
    .replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(LINKED)].map(([, target = '']) => ({ page, target }));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): Set<string> {
  const text = textOf(page).replace(FENCED, '');
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.matchAll(HEADING)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
    let free = anchor;
    for (let count = 1; anchors.has(free); count++) free = `${anchor}-${count}`;
    anchors.add(free);
  }
  return anchors;
}
