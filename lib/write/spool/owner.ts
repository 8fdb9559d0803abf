import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { newId } from '../../event/id';

/** Prefix of the owner file, whose name says who owns a folder of the spool. A heartbeat touches the file. */
const PREFIX = 'owner.';

/**
 * A name for the owner file: one rename claims a folder. Each name is unique; else two threads of one process could
 * both claim a silent folder, and neither would notice.
 */
export function newOwnerName(): string {
  return `${PREFIX}${process.pid}.${newId()}.${hostName()}`;
}

/** The owner file of an abandoned folder. */
export const NO_OWNER = `${PREFIX}nobody`;

export function isOwnerName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Whether the process of an owner file is known to be dead. False when this process cannot know. */
export function isKnownDead(name: string): boolean {
  if (name === NO_OWNER) return true;
  const [pid, , ...rest] = name.slice(PREFIX.length).split('.');
  if (rest.join('.') !== hostName()) return false;
  // This process's own id may be of a dead process, but also of another copy of this package, or another thread.
  return Number(pid) !== process.pid && !isRunning(Number(pid));
}

/** Where process ids are comparable: the machine and, in containers, the PID namespace. */
function hostName(): string {
  return `${pidNamespace()}.${encodeURIComponent(hostname())}`;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '0'; // a system without namespaces
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
