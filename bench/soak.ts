import { setTimeout as delay } from 'node:timers/promises';
import { ledgerWithSpool } from './peers/ledger';
import { POST, startLoad } from './peers/load';
import { fromEnvironment } from './peers/plan';
import { type Bench, missing, trial } from './peers/trial';

const MINUTES = fromEnvironment('SOAK_MINUTES', 10);
const SAMPLES = 20;

/** Minutes of full load on one application with a spool: its memory and what waits, from time to time. */
export async function soak(bench: Bench): Promise<void> {
  console.log(`\nSoak: ${POST.title}, 20 connections, ${MINUTES} minutes`);
  await trial(bench, ledgerWithSpool, async (run) => {
    const app = await run.start();
    const { done, stop } = startLoad(app, POST);
    for (let sample = 1; sample <= SAMPLES; sample++) {
      await delay((MINUTES * 60_000) / SAMPLES);
      const { rss, heapUsed, waiting, unhandled } = await app.health();
      const minutes = ((MINUTES * sample) / SAMPLES).toFixed(1).padStart(5);
      const memory = `rss ${megabytes(rss)} MB, heap ${megabytes(heapUsed)} MB`;
      console.log(`  ${minutes} min  ${memory}, ${waiting} events wait, ${unhandled} unhandled rejections`);
    }
    stop();
    const { answered, p99 } = await done;
    await app.end();
    const lost = await missing(ledgerWithSpool, run, answered);
    console.log(
      `  ${answered} requests answered, p99 ${p99.toFixed(1)} ms, ${Math.max(lost ?? NaN, 0)} without an entry at the end`,
    );
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0).padStart(4);
}
