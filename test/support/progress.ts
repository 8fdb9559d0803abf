/** Takes one line of text for people. */
export type Log = (line: string) => void;

/** Something that takes long is under way. */
export interface Progress {
  /** Says what is being done now. */
  step(description: string): void;
  /** @param how in one word */
  end(how?: string): void;
}

const TERMINAL_MS = 1000;
const PLAIN_LOG_MS = 10_000;
const ERASE = '\r\x1b[K';

/** What each of those that are under way on a terminal would say now: they share its last line. */
const shown = new Set<() => string>();

/**
 * Says that `subject` has begun, and from then on that it still goes on: on a terminal in one line that counts seconds,
 * in a plain log with a new line now and then.
 */
export function reportProgress(log: Log, subject: string, terminal = process.stderr.isTTY): Progress {
  const begun = Date.now();
  let current = 'begun';
  const now = (): string => `${current}: ${secondsSince(begun)} s`;
  const tell = terminal ? show : (): void => log(`  ${now()}`);
  const logAbove = (line: string): void => {
    if (terminal) process.stderr.write(ERASE);
    log(line);
    if (terminal) show();
  };
  logAbove(subject);
  if (terminal) shown.add(now);
  const timer = setInterval(tell, terminal ? TERMINAL_MS : PLAIN_LOG_MS);
  return {
    step(description) {
      current = description;
      tell();
    },
    end(how = 'done') {
      clearInterval(timer);
      shown.delete(now);
      logAbove(`  ${how} after ${secondsSince(begun)} s`);
    },
  };
}

function show(): void {
  const parts = [...shown].map((now) => now());
  process.stderr.write(parts.length === 0 ? ERASE : `${ERASE}  ${parts.join(' · ')}`);
}

function secondsSince(begun: number): number {
  return Math.round((Date.now() - begun) / 1000);
}
