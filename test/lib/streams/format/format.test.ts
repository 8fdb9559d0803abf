import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { commonActions } from '../../../../lib/catalogue/common-actions';
import type { Entry } from '../../../../lib/chain/entry';
import { createFormat } from '../../../../lib/streams/format/format';
import { toCef } from '../../../../lib/streams/format/cef';
import { OUTCOMES } from '../../../../lib/vocabulary';
import { chain } from '../../../conformance/given';
import { sized } from '../../../support/sized';
import { ecsFaults } from '../../../support/streams/ecs-schema';
import { ocsfFaults } from '../../../support/streams/ocsf-schema';

const entryOf = (change: Partial<Entry>): Entry => chain('acme', 1, undefined, () => change)[0]!;

/** What the example application, the capture and the ledger itself record. */
const ACTIONS = [
  ...new Set([
    ...Object.keys(commonActions),
    // Those of the ledger, as its page names them, and what `auditChanges` makes of a model.
    ...Array.from(
      readFileSync('docs/reference/system-chain.md', 'utf8').matchAll(/`(ledger\.[a-z_.]+)`/g),
      ([, name]) => name!,
    ),
    ...['create', 'update', 'delete'].flatMap((kind) => [`contact.${kind}`, `user.${kind}`]),
  ]),
  'auth.sign_in',
  'contact.import',
  'auth.unauthorized_access',
  'security.rate_limited',
  'data.export',
  'http.request',
  'audit.export',
  'audit.read',
  'ledger.stream_test',
  'org.password.change',
  'org.group.create',
  'org.role.grant',
];

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyEntry = fc
  .record({
    action: fc.oneof(fc.constantFrom(...ACTIONS), text),
    actor: text,
    actorName: some(text),
    actorType: some(fc.constantFrom('user', 'service', 'system', 'anonymous')),
    onBehalfOf: some(text),
    resource: some(text),
    resourceType: some(text),
    resourceName: some(text),
    outcome: fc.constantFrom(...OUTCOMES),
    occurredAt: fc
      .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    metadata: some(fc.jsonValue()),
    before: some(fc.jsonValue()),
    after: some(fc.jsonValue()),
    context: some(
      fc.record(
        {
          ipAddress: fc.oneof(fc.ipV4(), fc.ipV6(), text),
          userAgent: text,
          method: fc.constantFrom('GET', 'POST', 'BREW', 'DELETE'),
          path: text,
          route: text,
          statusCode: fc.integer({ min: 100, max: 599 }),
          durationMs: fc.integer({ min: 0, max: 100_000 }),
          requestId: text,
          traceId: text,
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map((change) => {
    const made = JSON.parse(JSON.stringify(change)) as Partial<Entry>;
    // A draft has no lone surrogates.
    return entryOf(
      JSON.parse(
        JSON.stringify(made)
          .toWellFormed()
          .replace(/\\ud[89a-f][0-9a-f]{2}/g, '?'),
      ) as Partial<Entry>,
    );
  });

const runs = { numRuns: sized(1_000, 10_000) };

describe.each(['account_change', 'user_management'] as const)('ocsf with %s', (users) => {
  const format = createFormat('ocsf', { users });

  it.each(ACTIONS)('%s fits the published schema', (action) => {
    expect(ocsfFaults(format(entryOf({ action })))).toEqual([]);
  });

  it.each(['0000:0000:0000:0000:0000:ffff:255.255.255.255', 'fe80::1%eth0', '::::', '1.2'])(
    'fits it with %s in the place of an address',
    (ipAddress) => {
      const [entry] = chain('acme', 1, undefined, () => ({ context: { ipAddress } }));
      const event = format(entry!);
      expect(ocsfFaults(event)).toEqual([]);
      expect(event['unmapped']).toMatchObject({ context: { ipAddress } });
    },
  );

  it('fits it whatever the entry, and drops nothing', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const event = format(entry);
        expect(ocsfFaults(event)).toEqual([]);
        const { tenantId: _, occurredAt: __, recordedAt: ___, actor, actorName: ____, ...others } = entry;
        expect(event['unmapped']).toEqual(others);
        expect(event).toMatchObject({
          metadata: { tenant_uid: 'acme', sequence: 1 },
          actor: { user: { uid: actor } },
        });
      }),
      runs,
    );
  });
});

describe('ocsf', () => {
  const format = createFormat('ocsf', { actions: { 'contact.*': { on: 'data', does: 'read' } } });

  it.each([
    ['auth.login', 300201],
    ['auth.logout', 300202],
    ['org.member.invite', 300603],
    ['org.member.role_change', 300599],
    ['org.role.grant', 300501],
    ['user.delete', 300106],
    ['data.export', 600501],
    ['data.change', 600502],
    ['user.update', 300199],
    ['deal.update', 600303],
    ['ledger.key.refused', 600399],
    ['ledger.reopened', 600399],
    ['contact.merge', 600501],
    ['audit.read', 600302],
  ])('calls %s %i', (action, type) => {
    expect(format(entryOf({ action }))).toMatchObject({ type_uid: type });
  });

  it('tells a failure by its status and severity', () => {
    expect(format(entryOf({ outcome: 'denied' }))).toMatchObject({
      status_id: 2,
      severity_id: 3,
      status_detail: 'denied',
    });
    expect(format(entryOf({}))).toMatchObject({ status_id: 1, severity_id: 1 });
  });
});

describe('ecs', () => {
  const format = createFormat('ecs');

  it.each(ACTIONS)('%s fits the published fields', (action) => {
    expect(ecsFaults(format(entryOf({ action })))).toEqual([]);
  });

  it('fits them whatever the entry, and drops nothing', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const document = format(entry);
        expect(ecsFaults(document)).toEqual([]);
        const { audit, event } = document as Record<string, Record<string, unknown>>;
        expect(event).toMatchObject({ sequence: 1, hash: entry.hash, action: entry.action });
        expect(audit).toMatchObject({ prevHash: entry.prevHash, outcome: entry.outcome });
        for (const member of ['metadata', 'before', 'after'] as const)
          expect(audit![member]).toBe(
            entry[member] === undefined ? undefined : JSON.stringify(entry[member]),
          );
      }),
      runs,
    );
  });
});

describe('native', () => {
  it('is the entry', () => {
    const entry = entryOf({ metadata: { a: {} } });
    expect(createFormat('native')(entry)).toEqual(entry);
  });
});

describe('cef', () => {
  it('escapes what would end a field, and has the numbers of the chain', () => {
    const entry = entryOf({ action: 'a|b\\c', actor: 'x=y\nz', metadata: { a: '=' } });
    const cef = toCef(entry);
    expect(cef).toMatch(/^CEF:0\|express-audit-ledger\|audit\|[\d.]+\|a\\\|b\\\\c\|a\\\|b\\\\c\|3\|/);
    expect(cef).toContain(' suid=x\\=y\\nz ');
    expect(cef).toContain(` cn1=1 cn1Label=seq cs1=${entry.hash} `);
    expect(cef).toContain('cs4={"metadata":{"a":"\\="}}');
  });
});
