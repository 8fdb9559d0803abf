import { CASES } from './cases';

/** How an application did. */
export interface Column {
  title: string;
  /** Cases that its framework makes impossible, and why. */
  impossible: Record<string, string>;
  /** Cases that failed, and why. */
  faults: ReadonlyMap<string, string>;
}

/** The cases and how each application did, as a table of Markdown, and below it why something is impossible. */
export function matrixOf(columns: readonly Column[]): string {
  const reasons = [...new Set(columns.flatMap(({ impossible }) => Object.values(impossible)))];
  const mark = (name: string, { impossible, faults }: Column): string => {
    if (faults.has(name)) return '**fails**';
    const why = impossible[name];
    return why === undefined ? '✓' : `– [${reasons.indexOf(why) + 1}]`;
  };
  const rows = CASES.map(({ name, proves }) => [
    name,
    proves,
    ...columns.map((column) => mark(name, column)),
  ]);
  const head = ['case', 'what it proves', ...columns.map(({ title }) => title)];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const notes = reasons.map((why, i) => `${i + 1}. ${why}`);
  return [...lines, '', ...notes].join('\n');
}
