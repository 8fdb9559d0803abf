import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serializeDraft } from '../../lib/event/draft-json';
import { newId } from '../../lib/event/id';
import { createDrafter } from '../../lib/event/drafter';
import { NO_OWNER } from '../../lib/write/spool/owner';
import { eventLine, foldLine } from '../../lib/write/spool/spool-line';
import { sha256 } from '../../lib/crypto/node';

const record = createDrafter({ sha256, now: () => 0, valueBytes: 65_536 });

/** The line of an event with that id. */
export function lineOf(id: string, metadata?: Record<string, unknown>): string {
  return eventLine(textOf(id, metadata));
}

/** The line that begins a folded event with that id. */
export function foldOf(id: string): string {
  return foldLine(textOf(id));
}

/** A folder as a ledger leaves it that ended with events not recorded: the content of each segment. */
export function leaveFolder(directory: string, segments: (string | Buffer)[], owner = NO_OWNER): string {
  const path = join(directory, newId());
  mkdirSync(path);
  writeFileSync(join(path, owner), '');
  segments.forEach((content, i) => writeFileSync(join(path, segmentName(i + 1)), content));
  return path;
}

export function segmentName(number: number): string {
  return `${String(number).padStart(16, '0')}.jsonl`;
}

function textOf(id: string, metadata?: Record<string, unknown>): string {
  return serializeDraft(record({ tenantId: 't', action: 'a.b', id, metadata }, {}, 'application'));
}
