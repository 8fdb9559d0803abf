import { processWide } from '../../lib/process-wide';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Is told that the process is to end: Next waits for all answers then, and says so to none. */
export function stopSignal(): AbortSignal {
  return processWide('stopping', watchSignals).signal;
}

function watchSignals(): AbortController {
  const stopping = new AbortController();
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      stopping.abort();
      // Where nobody else ends the process, it still is to end.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
  return stopping;
}
