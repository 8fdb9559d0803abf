import type { Reading } from '../chain/chain-check';
import type { Entry } from '../chain/entry';
import type { JsonObject } from '../chain/json';
import { isMatch } from '../evidence/check/filter-check';
import type { EvidenceFilter } from '../evidence/records';
import type { SetAside } from '../store/stream-store';
import { attempt } from '../util/attempt';
import { isObject } from '../util/complaints';
import { utf8Length } from '../util/utf8';
import type { Destination, Piece } from './destination';
import type { Format } from './format/format';
import { keyOf } from './key';
import { oneLine } from './one-line';

/** Which entries a stream has, as those of `list`. */
export interface StreamFilter {
  actor?: string | undefined;
  /** An action; `org.*` stands for all that begin with `org.`. */
  action?: string | undefined;
  resource?: string | undefined;
  outcome?: Entry['outcome'] | undefined;
}

/** What entries are delivered, and how they are written. */
export interface Writing {
  destination: Destination;
  format: Format;
  filter: EvidenceFilter;
}

/** What becomes of a reading: a piece, nothing because the filter leaves it out, or something to set aside. */
export type Written = { piece: Piece } | { aside: Omit<SetAside, 'at'> } | null;

/** Writes what was read at a place of a chain for a destination. An entry that cannot be written blocks nobody. */
export function write(reading: Reading & { seq: number }, tenantId: string, writing: Writing): Written {
  const { entry, seq, fault } = reading;
  const aside = (id: string, reason: string) => ({ aside: { tenantId, seq, id, reason } });
  if (!entry) return aside(reading.documentId ?? '', `it was altered: ${fault?.message ?? 'it is no entry'}`);
  try {
    if (!isMatch(writing.filter, entry)) return null;
    const { entryBytes = Infinity, bytes } = writing.destination.limits;
    const most = Math.min(entryBytes, bytes);
    const whole = encode(entry, entry, writing);
    if (whole.bytes <= most) return { piece: whole };
    const short = encode(entry, shorten(entry), writing);
    return short.bytes <= most ? { piece: short } : aside(entry.id, `it takes more than ${most} bytes`);
  } catch (error) {
    const reason = attempt(() => (error instanceof Error ? error.message : String(error)));
    return aside(entry.id, oneLine(`it could not be written: ${String(reason)}`));
  }
}

function encode(entry: Entry, shown: Entry, { destination, format }: Writing): Piece {
  const key = keyOf(entry);
  const body: unknown = format(shown);
  if (!isObject(body) || typeof body['then'] === 'function') throw new Error('its format gave no object');
  const text: unknown = destination.encode({ entry: shown, key, body: body as JsonObject });
  if (typeof text !== 'string') throw new Error('its destination encoded it as no text');
  return { entry: shown, key, text, bytes: utf8Length(text) };
}

/** The entry without what may be large, which says so. Its hashes are those of the whole. */
function shorten({ metadata: _, before: __, after: ___, ...entry }: Entry): Entry {
  return Object.assign(entry, { truncated: true });
}
