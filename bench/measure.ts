/** Processor time of this process so far, in microseconds. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The value in the middle; of an even number the higher of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The value that one in a hundred is above. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? NaN;
}

/** One way to do a job: `run` gives the figure of one round, of which `unit` says what it counts. */
export interface Contender {
  name: string;
  run: (round: number) => Promise<number>;
}

/**
 * Lets contenders take turns, so that what the machine does besides falls on all alike. The ratio is that of each
 * round to the first contender's figure in the same round; both columns are medians.
 */
export async function compare(
  title: string,
  unit: string,
  rounds: number,
  contenders: Contender[],
): Promise<void> {
  const figures = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) figures[i]!.push(await contender.run(round));
  }
  console.log(`\n${title} (median of ${rounds} rounds)`);
  for (const [i, { name }] of contenders.entries()) {
    const ratio = median(figures[i]!.map((figure, round) => figure / figures[0]![round]!));
    console.log(
      `  ${name.padEnd(44)} ${median(figures[i]!).toFixed(0).padStart(8)} ${unit}  ${ratio.toFixed(2)}`,
    );
  }
}

/** How many a second, of `count` done by `work`. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (count / (performance.now() - start)) * 1000;
}
