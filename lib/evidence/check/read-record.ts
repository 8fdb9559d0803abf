import { AuditError } from '../../errors';
import { type EntryRecord, type EvidenceRecord, entryText } from '../records';
import type { Members } from './json-shape';
import { hasTooManyParts, isDeeperThan, isTooMuchToRewrite } from './nesting';
import { Refusal } from './problems';
import { readCheckpoint, readManifest, readOmitted } from './record-shape';

/** A record as it stands in a file. */
export interface ReadRecord {
  record: EvidenceRecord;
  /** The canonical text of an entry's record; else empty. */
  text: string;
  /** Where the bytes of the file are not those that an export has; null where they are. */
  flaw: string | null;
}

/** Levels of a record's JSON: 32 within each value of an entry (docs/formats.md §1), the entry, the record. */
const MAX_LEVELS = 34;

/** A record that is no entry. */
export function readOtherRecord(members: Members): EvidenceRecord {
  switch (members['type']) {
    case 'manifest':
      return readManifest(members);
    case 'omitted':
      return readOmitted(members);
    case 'checkpoint':
      return readCheckpoint(members);
    default:
      throw new Refusal('unreadable', null, 'The file holds a record of an unknown type.');
  }
}

/**
 * An entry's record with its canonical text, where the text that it was read from is another.
 * @throws Refusal for what has too many parts to be written anew.
 */
export function withText(record: EntryRecord, written: string): { record: EntryRecord; text: string } {
  if (isTooMuchToRewrite(written))
    throw new Refusal(
      'altered',
      record.entry.seq,
      `The record of entry ${record.entry.seq} is not in the canonical form, and too large to be put into it.`,
    );
  return { record, text: canonical(() => entryText(record.entry)) };
}

/** Every text that goes in comes from JSON.parse, which lets pass what JSON cannot hold: `1E400` and lone surrogates. */
export function canonical(textOf: () => string): string {
  try {
    return textOf();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new Refusal('unreadable', null, `A record cannot be read: ${error.message}`);
  }
}

/** The value of a JSON text.
 * @throws Refusal for what is no JSON, nested too deep, or of too many parts. */
export function parseJson(text: string): unknown {
  if (isDeeperThan(text, MAX_LEVELS))
    throw new Refusal('unreadable', null, 'A record is nested deeper than any record of evidence.');
  if (hasTooManyParts(text))
    throw new Refusal('unreadable', null, 'A record has more members or items than any record of evidence.');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal('unreadable', null, `The file holds something that is not JSON.`);
  }
}
