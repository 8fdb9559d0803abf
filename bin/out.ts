import { EXIT } from './exit-code';
import { safeJson, safeLine } from './safe-text';

/** Prints lines for people on standard output; what would control the terminal is escaped. */
export function print(...lines: string[]): void {
  process.stdout.write(lines.map((line) => `${safeLine(line)}\n`).join(''));
}

/** Prints one JSON document in a line of its own. */
export function printJson(value: unknown): void {
  process.stdout.write(`${safeJson(value)}\n`);
}

/** Says something beside the result, on standard error. */
export function note(...lines: string[]): void {
  process.stderr.write(lines.map((line) => `${safeLine(line)}\n`).join(''));
}

/** A ledger's logger: says what it is told, a message a line. What lies behind an error is for programs. */
export const NOTES = {
  warn: (message: string): void => note(message),
  error: (message: string): void => note(message),
};

/** Ends the program quietly when who reads its output has gone: what it had to say is not known to be read. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.unchecked);
      throw error;
    });
  }
}
