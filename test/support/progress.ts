/** Takes one line of text for people. */
export type Log = (line: string) => void;

/** Something that takes long is under way. */
export interface Progress {
  /** Says what is being done now. */
  step(description: string): void;
  end(): void;
}

const TERMINAL_MS = 1000;
const PLAIN_LOG_MS = 10_000;

/**
 * Says that `subject` has begun, and from then on that it still goes on: on a terminal in one line that counts seconds,
 * in a plain log with a new line now and then.
 */
export function reportProgress(log: Log, subject: string, terminal = process.stderr.isTTY): Progress {
  const begun = Date.now();
  let current = 'begun';
  const tell = (): void => {
    const line = `  ${current}: ${Math.round((Date.now() - begun) / 1000)} s`;
    if (terminal) process.stderr.write(`\r\x1b[K${line}`);
    else log(line);
  };
  log(subject);
  const timer = setInterval(tell, terminal ? TERMINAL_MS : PLAIN_LOG_MS);
  return {
    step(description) {
      current = description;
      tell();
    },
    end() {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\x1b[K');
      log(`  done after ${Math.round((Date.now() - begun) / 1000)} s`);
    },
  };
}
