import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, blocksOf, linksOf, pages, ROOT, tablesOf, textOf } from './markdown';

const isElsewhere = (target: string): boolean => /^[a-z]+:/.test(target);

describe('the README', () => {
  it('has at most 200 lines', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('has no images, which the package does not carry', () => {
    expect(textOf('README.md')).not.toMatch(/!\[|<img/);
  });
});

describe.each(pages())('%s', (page) => {
  it('links to what is there', () => {
    const broken = linksOf(page).filter(({ target }) => {
      if (isElsewhere(target)) return false;
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? page : normalize(join(dirname(page), file)).replaceAll('\\', '/');
      if (!existsSync(join(ROOT, linked))) return true;
      return anchor !== undefined && !anchorsOf(linked).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('says of each block what it is', () => {
    const unnamed = blocksOf(page).filter(({ language }) => language === '' || language === 'typescript');
    // A file or report as it is, without a language, stands in the older pages.
    const isPlain = ['docs/checkpoints.md', 'docs/evidence.md'].includes(page);
    expect(unnamed.filter(({ language }) => !isPlain || language !== '')).toEqual([]);
  });
});

describe('every table', () => {
  const tables = pages().flatMap(tablesOf);

  it('has a header and a separator: without them GitHub shows the pipes', () => {
    expect(tables.length).toBeGreaterThan(50);
    const isSeparator = (row = '') => /^\|(?: *:?-{3,}:? *\|)+$/.test(row);
    const raw = tables.filter(({ rows: [, second] }) => !isSeparator(second));
    expect(raw.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});

describe('every command of a shell', () => {
  it('is found without an installation of its own: the package puts nothing on the path', () => {
    const bare = pages()
      .flatMap(blocksOf)
      .filter(({ language, code }) => language === 'sh' && /(?<!npx |[\w-] ?)audit-ledger /.test(code));
    expect(bare.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});

describe('what the code refers to', () => {
  const FOLDERS = ['lib', 'middleware', 'models', 'bin', 'viewer'];
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const said = files.flatMap((file) =>
    [...textOf(file).matchAll(/\b(docs\/[\w/-]+\.md)(?:#([\w-]+))?(?: §(\d[\d.]*\d|\d))?/g)].map(
      ([, page = '', anchor, section]) => ({ file, page, anchor, section }),
    ),
  );

  it('is there: pages, headings and sections of messages and comments', () => {
    expect(said.length).toBeGreaterThan(30);
    const broken = said.filter(({ page, anchor, section }) => {
      if (!existsSync(join(ROOT, page))) return true;
      const anchors = [...anchorsOf(page)];
      const isThere =
        section === undefined || anchors.some((each) => sectionOf(each) === section.replaceAll('.', ''));
      return !isThere || (anchor !== undefined && !anchors.includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('has a heading for each error, to which messages lead', () => {
    const [, union = ''] = /type AuditErrorCode =([^;]+);/.exec(textOf('lib/errors.ts')) ?? [];
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(30);
    const anchors = anchorsOf('docs/errors.md');
    expect(codes.filter((code) => !anchors.has(code.toLowerCase()))).toEqual([]);
  });
});

/** The digits of `2-entry` and `41-reopening`. */
function sectionOf(anchor: string): string | undefined {
  return /^(\d+)-/.exec(anchor)?.[1];
}

describe('the index', () => {
  it('leads to every page', () => {
    const index = 'docs/README.md';
    const linked = linksOf(index).map(({ target }) => normalize(join('docs', target.split('#')[0]!)));
    const missing = pages().filter((page) => page.startsWith('docs/') && page !== index);
    expect(missing.filter((page) => !linked.includes(normalize(page)))).toEqual([]);
  });
});
