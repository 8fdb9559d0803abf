import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, blocksOf, linksOf, pages, ROOT, textOf } from './markdown';

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

describe('the index', () => {
  it('leads to every page', () => {
    const index = 'docs/README.md';
    const linked = linksOf(index).map(({ target }) => normalize(join('docs', target.split('#')[0]!)));
    const missing = pages().filter((page) => page.startsWith('docs/') && page !== index);
    expect(missing.filter((page) => !linked.includes(normalize(page)))).toEqual([]);
  });
});
