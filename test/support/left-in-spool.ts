import { cpSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditError } from '../../lib/errors';
import { Folder, foreignFolders, readOwner } from '../../lib/write/spool/folder';
import { isOwnerName, NO_OWNER } from '../../lib/write/spool/owner';
import { type AbandonedEvent, AbandonedFolder } from '../../lib/write/spool/abandoned-folder';
import { temporaryFolder } from './temporary';

/** A copy of a spool as it is now, left by a process that is gone: as if this one had been killed. */
export function crashed(directory: string): string {
  const copy = temporaryFolder();
  cpSync(directory, copy, { recursive: true });
  for (const name of readdirSync(copy)) {
    const folder = join(copy, name);
    const owner = readdirSync(folder).find(isOwnerName);
    if (owner !== undefined) renameSync(join(folder, owner), join(folder, NO_OWNER));
  }
  return copy;
}

/** What the next start would find in a spool if this process were killed now. */
export async function leftIn(directory: string, errors: AuditError[] = []): Promise<AbandonedEvent[]> {
  const left: AbandonedEvent[] = [];
  for (const path of foreignFolders(crashed(directory))) {
    const folder = readOwner(path);
    const claimed = folder && Folder.claim(folder);
    if (!claimed) continue;
    const remains = new AbandonedFolder(claimed, (error) => errors.push(error));
    for await (const event of remains.events()) left.push(event);
  }
  return left;
}
