import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks a second, `getconf CLK_TCK`: 100 on each machine that Node.js runs on. */
const TICKS = 100;

interface Process {
  pid: number;
  parent: number;
  /** Its own, and those of its children that have ended. */
  ticks: number;
}

/**
 * Processor time that a process and all below it have used so far, in milliseconds: PostgreSQL, of which the stand-in is
 * made, has a process for each connection. NaN without `/proc`, or without the process.
 */
export function processorTime(pid: number | undefined): number {
  const processes = list('/proc').flatMap((name) => (/^\d+$/.test(name) ? read(Number(name)) : []));
  const sum = (one: Process): number =>
    processes
      .filter(({ parent }) => parent === one.pid)
      .reduce((ticks, child) => ticks + sum(child), one.ticks);
  const root = processes.find((one) => one.pid === pid);
  return root ? (sum(root) / TICKS) * 1000 : NaN;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** `proc_pid_stat(5)`: the name in parentheses may hold anything; utime, stime, cutime and cstime are fields 14 to 17. */
function read(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return [{ pid, parent: fields[1] ?? 0, ticks }];
  } catch {
    return []; // it has ended
  }
}
