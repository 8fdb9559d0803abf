import fc from 'fast-check';
import type { Draft } from '../../../lib/chain/entry';
import type { Json } from '../../../lib/chain/json';
import { serialize } from '../../../lib/client/wire';
import { sha256 } from '../../../lib/crypto/sha256';
import { createDrafter } from '../../../lib/event/drafter';
import type { AuditEvent } from '../../../lib/event/event';
import { isObject } from '../../../lib/util/complaints';
import { hostileNames } from '../../support/hostile-values';

const parts = { sha256, now: () => 0, valueBytes: 16_000 };
const drafter = createDrafter(parts);
const sending = createDrafter({ ...parts, keepsLongIds: true });

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    'Bearer abcdefghijklmnop',
    `…${'a'.repeat(64)}`,
    'x'.repeat(1_500),
    'y\ud800'.repeat(300),
  ),
);
const json = fc.oneof(
  fc.json().map((value) => JSON.parse(value) as unknown),
  text,
  fc.dictionary(hostileNames, text),
);
/** Longer ones than are sent whole are cut twice. */
const reference = fc
  .oneof(text, fc.record({ id: text, name: text, type: fc.constantFrom('user', 'doc') }), json)
  .filter((value) => JSON.stringify(value).length < 3_000);
const values = fc.oneof(json, fc.constant('z'.repeat(20_000)));
const events = fc.record(
  {
    actor: reference,
    resource: reference,
    metadata: fc.dictionary(hostileNames, values),
    before: values,
    after: values,
    context: fc.dictionary(fc.constantFrom('ipAddress', 'userAgent', 'path', 'requestId'), text),
  },
  { requiredKeys: [] },
);

/** The preview of a value that was too large is a text to the second drafter, which may find more secrets in it. */
function withoutPreviews(draft: Draft): object {
  const { metadata, before, after, ...others } = draft;
  const isMark = (value: Json | undefined) => isObject(value) && value['truncated'] === true;
  const kept = (value: Json | undefined) => (isMark(value) ? { ...(value as object), preview: '' } : value);
  return { ...others, metadata: kept(metadata), before: kept(before), after: kept(after) };
}

it('an event that is sent and drafted again is the draft that a ledger makes of it at once', () => {
  fc.assert(
    fc.property(events, (given) => {
      const event = { action: 'a.b', tenantId: 't', id: 'i', ...given } as AuditEvent;
      const { text: wire } = serialize(sending(event, {}, 'application'), true);
      const again = drafter(JSON.parse(wire) as AuditEvent, {}, 'application');
      expect(withoutPreviews(again.draft)).toEqual(withoutPreviews(drafter(event, {}, 'application').draft));
    }),
    { numRuns: 300 },
  );
});
