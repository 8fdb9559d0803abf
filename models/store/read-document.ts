import type { Reading } from '../../lib/chain/chain-check';
import { byMember } from '../../lib/chain/members';
import type { Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';
import {
  type Element,
  elements,
  ForeignValue,
  MalformedBson,
  readDate,
  numericValue,
  readInt,
  readJson,
  readNumber,
  readString,
} from './bson-reader';

type Read = (bytes: Buffer, element: Element) => Json;

const json: Read = (bytes, element) => readJson(bytes, element);

/** The members of a stored entry and how their BSON types are read, docs/formats.md §2. */
const MEMBERS = new Map(
  byMember<Read>({
    version: readVersion,
    text: readString,
    seq: readNumber,
    instant: readDate,
    hash: readString,
    outcome: readString,
    actorType: readString,
    object: json,
    json,
    commitments: json,
  }).map(([name, { isRequired }, read]) => [name as string, { read, isRequired }]),
);

const REQUIRED = [...MEMBERS].filter(([, member]) => member.isRequired).map(([name]) => name);

/** Reads a stored document strictly. A document of whatever bytes gives a `Reading`; nothing is converted. */
export function readDocument(bytes: Buffer): Reading {
  const members: Record<string, Json> = {};
  let documentId: string | null = null;
  let seq: number | null = null;
  let fault: Reading['fault'] = null;
  try {
    for (const element of elements(bytes)) {
      try {
        if (element.name === 'seq') seq ??= readSeq(bytes, element);
        if (element.name === '_id') documentId = readId(bytes, element, documentId);
        else members[element.name] = member(bytes, element, members);
      } catch (error) {
        fault ??= toFault(error, element.name);
      }
    }
  } catch (error) {
    fault = toFault(error, null);
  }
  fault ??= missing(members);
  return {
    documentId,
    seq,
    hash: typeof members['hash'] === 'string' ? members['hash'] : null,
    entry: fault ? null : (members as unknown as Entry),
    fault,
  };
}

function readId(bytes: Buffer, element: Element, before: string | null): string {
  if (before !== null) throw new ForeignValue('it is there twice');
  return readString(bytes, element);
}

function member(bytes: Buffer, element: Element, before: Record<string, Json>): Json {
  const known = MEMBERS.get(element.name);
  if (!known) throw new ForeignValue('entries have no such member');
  if (Object.hasOwn(before, element.name)) throw new ForeignValue('it is there twice');
  return known.read(bytes, element);
}

function readVersion(bytes: Buffer, element: Element): number {
  const v = readInt(bytes, element);
  if (v !== 1) throw new ForeignValue(`the format version ${v} is not known`);
  return v;
}

function missing(members: Record<string, Json>): Reading['fault'] {
  const absent = REQUIRED.find((name) => !Object.hasOwn(members, name));
  return absent === undefined ? null : { kind: 'altered', message: `its member ${absent} is missing` };
}

/** The same of a document of which nothing else is read. */
export function readPlace(bytes: Buffer): number | null {
  for (const element of elements(bytes)) if (element.name === 'seq') return readSeq(bytes, element);
  return null;
}

/** Where a document stands in the order of its chain, also when its `seq` is of a type that it should not be. */
function readSeq(bytes: Buffer, element: Element): number | null {
  const seq = numericValue(bytes, element);
  return Number.isSafeInteger(seq) && seq >= 1 ? seq : null;
}

function toFault(error: unknown, name: string | null): NonNullable<Reading['fault']> {
  if (error instanceof MalformedBson)
    return { kind: 'unreadable', message: `it is no BSON document: ${error.message}` };
  if (!(error instanceof ForeignValue)) throw error;
  const where = name === null ? 'a member name' : `its member ${JSON.stringify(name)}`;
  return { kind: 'altered', message: `${where}: ${error.message}` };
}
