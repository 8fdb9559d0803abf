import { median } from '../measure';

/** A line of the table: what was measured, then a cell for each contender. */
export type Row = [title: string, ...cells: string[]];

const NOTHING = '–';

/**
 * The median of the first contender, and for the others that of the ratios to it in the same round. A figure that is
 * NaN could not be measured and is left out.
 */
export function ratios(title: string, figures: number[][], unit: (figure: number) => string): Row {
  const [bare, ...others] = figures as [number[], ...number[][]];
  const ratio = (rounds: number[]): string => {
    const measured = rounds.map((each, i) => each / bare[i]!).filter((each) => !Number.isNaN(each));
    return measured.length === 0 ? NOTHING : median(measured).toFixed(2);
  };
  return [title, unit(median(bare)), ...others.map(ratio)];
}

/** How many of all are missing, over all rounds. */
export function shares(title: string, rounds: { missing: number | undefined; of: number }[][]): Row {
  return [title, ...rounds.map(share)];
}

function share(rounds: { missing: number | undefined; of: number }[]): string {
  let sum = 0;
  let all = 0;
  for (const { missing, of } of rounds) {
    if (missing === undefined) return NOTHING;
    sum += missing;
    all += of;
  }
  if (sum < 0) return `0 (${-sum} too many)`;
  return sum === 0 ? `0 of ${all}` : `${sum} of ${all} (${percent(sum / all)})`;
}

function percent(part: number): string {
  const value = part * 100;
  return `${value < 1 ? value.toPrecision(1) : value.toFixed(0)} %`;
}

/** Prints Markdown for bench/README.md. */
export function printTable(contenders: string[], rows: Row[]): void {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  console.log(`\n${line(['', ...contenders])}`);
  console.log(line(['', ...contenders].map(() => '---')));
  for (const row of rows) console.log(line(row));
}
