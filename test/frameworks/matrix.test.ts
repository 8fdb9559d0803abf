import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASES } from './cases';

const APPS = join(__dirname, 'apps');
const titles = readdirSync(APPS).map((name) => {
  const file = join(APPS, name, 'package.json');
  expect(existsSync(file)).toBe(true);
  return (JSON.parse(readFileSync(file, 'utf8')) as { title: string }).title;
});
const cells = readFileSync(join(__dirname, '../../docs/frameworks.md'), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the matrix in docs/frameworks.md', () => {
  it('has every case, and says what it proves', () => {
    const rows = cells.map(([, name, proves]) => [name, proves]);
    expect(rows).toEqual(expect.arrayContaining(CASES.map(({ name, proves }) => [name, proves])));
  });

  it('has every application, all of whose cases passed or are impossible', () => {
    const head = cells.find(([, name]) => name === 'case') ?? [];
    expect(head.slice(3, -1).sort()).toEqual(titles.sort());
    expect(cells.flat().filter((cell) => cell.includes('fails'))).toEqual([]);
  });

  it('has no case twice', () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });
});
