import { AuditError } from '../../errors';
import { serializeDraft } from '../../event/draft-json';
import type { DraftedEvent } from '../../event/drafter';
import { isOfLedger } from '../../event/kept-draft';
import { Complaints } from '../../util/complaints';
import { Recovery } from '../../write/recovery';
import { openSpool } from '../../write/spool/open-spool';
import type { SpoolOptions } from '../../write/spool/spool';
import { eventLine } from '../../write/spool/spool-line';
import type { ClientSpool, OpenSpool, SpoolParts } from './client-spool';

/** Where the events of a client are kept. */
export interface DiskSpoolOptions extends SpoolOptions {
  /** Bytes that may be kept; 512 MiB when left out. */
  maxBytes?: number | undefined;
}

const MAX_BYTES = 512 * 1024 * 1024;

/** @throws AuditError `INVALID_OPTIONS` */
export function createDiskSpool(options: DiskSpoolOptions): ClientSpool {
  const complaints = new Complaints();
  const { directory, fsync = false, maxBytes = MAX_BYTES } = options;
  complaints.unknownFields(options, ['directory', 'fsync', 'maxBytes']);
  if (typeof directory !== 'string' || directory === '')
    complaints.add('directory', 'the path of a folder', directory);
  if (typeof fsync !== 'boolean') complaints.add('fsync', 'true or false', fsync);
  if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0))
    complaints.add('maxBytes', 'a whole number from 1', maxBytes);
  complaints.assertNone('INVALID_OPTIONS', 'diskSpool cannot use its options');
  return { open: (parts) => open({ directory, fsync }, maxBytes, parts) };
}

/** The spool of a ledger: one format on disk, and one way in which a dead process's folder is found and claimed. */
function open(options: SpoolOptions, maxBytes: number, { accept, report }: SpoolParts): OpenSpool {
  const spool = openSpool(options, maxBytes, report);
  // Whoever has claimed this one's folder sends what is in it, too: by their ids, all are recorded once.
  const folderLost = () => undefined;
  const recovery = new Recovery({ spool, enqueue: accept, admit: assertOfClient, folderLost, report });
  recovery.start();
  return {
    keep: (drafted) => {
      const position = spool.write(eventLine(serializeDraft(drafted)));
      return position && (() => position.segment.release());
    },
    close: async () => {
      await recovery.stop();
      spool.close();
    },
  };
}

/** Nothing that lay on a disk speaks for the ledger; a collector would refuse it for good. */
function assertOfClient(drafted: DraftedEvent): DraftedEvent {
  if (!isOfLedger(drafted.draft, true)) return drafted;
  throw new AuditError('UNREADABLE', "A line of the spool names what is the ledger's own.");
}
