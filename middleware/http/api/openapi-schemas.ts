import { byMember } from '../../../lib/chain/members';
import type { Schema } from '../../../lib/read/rules';
import { ACTOR_TYPES, ANCHORS, OUTCOMES } from '../../../lib/vocabulary';
import { PERMISSIONS } from './admission';

const text: Schema = { type: 'string' };
const instant: Schema = { type: 'string', format: 'date-time' };
const count: Schema = { type: 'integer', minimum: 0 };
const place: Schema = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
const hash: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const any: Schema = {};

const orNull = ({ type, ...rest }: Schema): Schema => ({ type: [type, 'null'], ...rest });
const list = (items: Schema): Schema => ({ type: 'array', items });
const oneOf = (choices: readonly string[]): Schema => ({ type: 'string', enum: choices });
const schema = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object with these members and no others; those of `optional` may be left out. */
function object(required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

const fault = object({ seq: orNull(place), message: text });

/** The members that each entry has, or that one may have. */
function membersOfEntry(isRequired: boolean): Record<string, Schema> {
  const members = byMember<Schema>({
    version: { const: 1 },
    text,
    seq: place,
    instant,
    hash,
    outcome: oneOf(OUTCOMES),
    actorType: oneOf(ACTOR_TYPES),
    object: { type: 'object' },
    json: any,
    commitments: { type: 'object', additionalProperties: text },
  });
  return Object.fromEntries(
    members
      .filter(([, member]) => member.isRequired === isRequired)
      .map(([name, , schema]) => [name, schema]),
  );
}

/** What the API answers with. */
export const SCHEMAS: Record<string, Schema> = {
  Entry: object(membersOfEntry(true), membersOfEntry(false)),
  EntryPage: object(
    { entries: list(schema('Entry')), nextCursor: orNull(text) },
    {
      lookedAt: {
        ...object({ entries: count, seq: orNull(place), recordedAt: orNull(instant) }),
        description:
          'Where a filter asks for what no index tells: how many entries were looked at, and which was the last',
      },
      faults: {
        ...list(fault),
        description: 'With `faults=true`: what was altered so that it is no entry',
      },
    },
  ),
  Histogram: object({
    from: instant,
    to: instant,
    step: { ...count, description: 'Milliseconds of each part' },
    limit: { ...orNull(count), description: 'A count that has reached it means "or more"' },
    counts: list(count),
  }),
  Actions: object({ actions: list(text) }, { described: list({ type: 'object' }) }),
  Actors: object({ actors: list(object({ id: text }, { name: text, type: oneOf(ACTOR_TYPES) })) }),
  Streams: object({
    streams: list(
      object({
        name: text,
        kind: text,
        address: text,
        format: text,
        state: oneOf(['delivering', 'failing', 'paused']),
        lag: object({ entries: count, seconds: { type: 'number', minimum: 0 } }),
        delivered: count,
        lastSuccess: orNull(instant),
        lastError: { anyOf: [object({ reason: text, at: instant }), { type: 'null' }] },
        setAside: count,
      }),
    ),
  }),
  VerificationReport: object({
    tenantId: text,
    verdict: oneOf(['intact', 'broken']),
    anchor: oneOf(ANCHORS),
    size: count,
    anchoredSize: count,
    problemCount: count,
    problems: list(object({ kind: text, seq: orNull(place), message: text })),
    notices: list(object({ kind: oneOf(['reopened', 'unproven']), seq: orNull(place), message: text })),
  }),
  Session: object(
    {
      tenantId: text,
      permissions: list(oneOf(PERMISSIONS)),
      ledger: text,
      verifierKey: orNull(text),
    },
    { titles: { type: 'object' } },
  ),
  Problem: object({ type: text, title: text, status: count, detail: text }, { code: text }),
};
