import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { newId } from '../../event/id';

/** Begins the name of the file that says who owns a folder of the spool; that it is touched says that the owner lives. */
const PREFIX = 'owner.';

/**
 * Who owns a folder, as the name of a file: one rename takes a folder over. No two names are the same, or threads of
 * one process could each take over what they think silent, and none would notice.
 */
export function newOwnerName(): string {
  return `${PREFIX}${process.pid}.${newId()}.${hostName()}`;
}

/** The owner of a folder that was given up. */
export const NO_OWNER = `${PREFIX}nobody`;

export function isOwnerName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Whether the process that a name stands for is known to be gone. False where this process cannot tell. */
export function isKnownDead(name: string): boolean {
  if (name === NO_OWNER) return true;
  const [pid, , ...rest] = name.slice(PREFIX.length).split('.');
  if (rest.join('.') !== hostName()) return false;
  // Our own number may be that of a process before us, but also of another copy of this package, or another thread.
  return Number(pid) !== process.pid && !isRunning(Number(pid));
}

/** Where process numbers mean the same: the machine and, in containers, the name space of process numbers. */
function hostName(): string {
  return `${pidNamespace()}.${encodeURIComponent(hostname())}`;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '0'; // systems without name spaces
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
