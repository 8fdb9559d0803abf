import * as fc from 'fast-check';
import type { Audit, Entry, Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { canonicalize } from '../../../lib/chain/canonical';
import { entryHash } from '../../../lib/chain/entry';
import type { Json } from '../../../lib/chain/json';
import { convert } from '../../../lib/event/convert';
import type { LedgerOptions } from '../../../lib/options';
import { createSecrets } from '../../../lib/event/secrets';
import { ACTOR_LIMIT, limitId } from '../../../lib/event/size-limit';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';
import { hostileValues } from '../../support/hostile-values';
import { keepDatabase } from '../../support/kept-database';
import { sized } from '../../support/sized';
import { sha256 } from '../../../lib/crypto/node';

const VALUES = sized(600, 10_000);
const PER_EVENT = 3;
const BATCH = 250;

const secrets = createSecrets();
const tenantId = 'hostile';

interface Given {
  metadata: object;
  before: unknown;
  after: unknown;
}

async function record(audit: Audit, events: Given[]): Promise<Receipt[]> {
  const batch = audit.batch();
  for (const event of events) batch.event({ tenantId, action: 'value.record', ...event });
  return (await batch.commit()).receipts;
}

/** What an entry must hold where `value` was given, as canonical text; '' for nothing. */
function expected(name: string, value: unknown): string {
  const json = convert(value, name, secrets);
  if (json === undefined || (name === 'metadata' && ['{}', '[]', 'null'].includes(canonicalize(json))))
    return '';
  const text = canonicalize(json);
  const bytes = Buffer.byteLength(text);
  if (bytes <= 65_536) return text;
  const preview = Array.from(text).slice(0, 1024).join('');
  return canonicalize({ truncated: true, bytes, sha256: sha256(text), preview });
}

const textOf = (json: Json | undefined): string => (json === undefined ? '' : canonicalize(json));

async function readAll(audit: Audit): Promise<Entry[]> {
  const all: Entry[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await audit.list({ tenantId, order: 'asc', limit: 1000, cursor });
    all.push(...page);
    cursor = page.nextCursor;
  }
  return all;
}

function expectSame(given: Given, entry: Entry, receipt: Receipt): void {
  for (const name of ['metadata', 'before', 'after'] as const) {
    expect(textOf(entry[name])).toBe(expected(name, given[name]));
  }
  expect(entryHash(entry, sha256)).toBe(entry.hash);
  expect(entry).toMatchObject(receipt);
}

describe(`${VALUES} hostile values`, () => {
  const seed = Date.now();
  let audit: Audit;
  let receipts: Receipt[];
  let events: Given[];

  beforeAll(async () => {
    audit = createAudit({ connection: await connect() });
    const values = fc.sample(hostileValues, { seed, numRuns: VALUES });
    events = [];
    for (let at = 0; at < VALUES; at += PER_EVENT) {
      const [first, before, after] = values.slice(at, at + PER_EVENT);
      events.push({ metadata: { first }, before, after });
    }
    receipts = [];
    for (let at = 0; at < events.length; at += BATCH) {
      receipts.push(...(await record(audit, events.slice(at, at + BATCH))));
    }
  });

  it(`are read back as they were hashed (seed ${seed})`, async () => {
    const entries = await readAll(audit);
    expect(entries).toHaveLength(events.length);
    for (const [i, event] of events.entries()) expectSame(event, entries[i]!, receipts[i]!);
  });

  it(`are each found by their id (seed ${seed})`, async () => {
    for (let i = 0; i < events.length; i += 10) {
      const entry = await audit.get({ tenantId, id: receipts[i]!.id });
      expectSame(events[i]!, entry!, receipts[i]!);
    }
  });

  it(`make up an intact chain (seed ${seed})`, async () => {
    expect(await audit.verify({ tenantId })).toMatchObject({
      verdict: 'intact',
      size: events.length,
      problems: [],
    });
  });
});

/** A ledger on a database that holds nothing, which is emptied behind each test. */
let emptyLedger: (options?: LedgerOptions) => Audit;
beforeAll(async () => {
  const connection = await connect();
  await new MongoStore(connection).prepare();
  restore = await keepDatabase(connection);
  emptyLedger = (options) => {
    const audit = createAudit({ connection, ...options });
    opened.push(audit);
    return audit;
  };
});
let restore: () => Promise<void>;
const opened: Audit[] = [];
afterEach(async () => {
  if (opened.length === 0) return;
  for (const audit of opened.splice(0)) await audit.close();
  await restore();
});

describe('very long values', () => {
  const LARGEST = sized(131_072, 524_288);
  const LONG = sized(2 ** 18, 2 ** 20);

  /** Values that take at most `bytes` as JSON, and more than half of it. */
  const valuesOf = (bytes: number): [string, unknown][] => [
    ['ASCII', 'x'.repeat(bytes - 2)],
    ['astral characters', '\u{1F600}'.repeat(bytes / 4 - 1)],
    ['lone surrogates', '\ud800'.repeat(bytes / 4)],
    ['controls', '\u0001'.repeat(bytes / 8)],
    ['bytes', Buffer.alloc(bytes / 2)],
    ['a name', { ['n'.repeat(bytes / 2)]: 'x'.repeat(bytes / 4) }],
    ['items', Array.from({ length: bytes / 8 }, (_, n) => n)],
  ];

  it.each(valuesOf(LONG))('are stored as a mark that identifies them: %s', async (_, value) => {
    const audit = emptyLedger();
    const given = { metadata: { value }, before: value, after: null };
    const [receipt] = await record(audit, [given]);
    const [entry] = await readAll(audit);
    expectSame(given, entry!, receipt!);
    expect(entry!.before).toMatchObject({ truncated: true, bytes: expect.any(Number) });
    expect((await audit.verify({ tenantId })).verdict).toBe('intact');
  });

  it.each(valuesOf(LARGEST))('are stored whole where the limit allows it: %s', async (_, value) => {
    const audit = emptyLedger({ limits: { valueBytes: LARGEST } });
    const [receipt] = await record(audit, [{ metadata: {}, before: value, after: null }]);
    const [entry] = await readAll(audit);
    expect(entry!.before).not.toHaveProperty('truncated');
    expect(textOf(entry!.before) === textOf(convert(value, 'before', secrets))).toBe(true);
    expect(entryHash(entry!, sha256)).toBe(receipt!.hash);
    expect((await audit.verify({ tenantId })).verdict).toBe('intact');
  });
});

describe('texts with U+0000 and other oddities in the members that are indexed', () => {
  const TEXTS = [
    'a\0b',
    '\0',
    '\ud800x',
    '\ufeff',
    '\u202e',
    'é',
    'e\u0301',
    '\u{10FFFF}',
    '$where',
    '{"$ne":1}',
    ' ',
  ];

  it.each(TEXTS)('are read back, found by filters, and verified: %j', async (text) => {
    const audit = emptyLedger();
    const stored = text.toWellFormed();
    const actor = { id: text, name: text, onBehalfOf: text };
    await audit.event({ tenantId, action: text, actor, resource: { id: text, type: text, name: text } });
    await audit.event({ tenantId, action: 'other', actor: 'other', resource: 'other' });
    const id = limitId(text, ACTOR_LIMIT, sha256); // one with a lone surrogate ends in a digest, to stay one's own
    for (const filter of [{ action: stored }, { actor: text }, { actor: id }, { resource: text }]) {
      expect([...(await audit.list({ tenantId, ...filter }))]).toMatchObject([
        { actor: id, actorName: stored, onBehalfOf: id, action: stored, resource: id, seq: 1 },
      ]);
    }
    expect((await audit.verify({ tenantId })).verdict).toBe('intact');
  });

  it.each(['\ufffd', 'é', 'a b', '%2F', 'a:b', '.', '..', '$', '\u{1F600}', '__proto__', 'x'.repeat(256)])(
    'name a tenant: %j',
    async (name) => {
      const audit = emptyLedger();
      const id = name.slice(0, 128);
      const receipt = await audit.event({ tenantId: name, id, action: 'a' });
      expect(await audit.get({ tenantId: name, id })).toMatchObject(receipt);
      expect(await audit.list({ tenantId: name })).toHaveLength(1);
      expect(await audit.verify({ tenantId: name })).toMatchObject({ verdict: 'intact', size: 1 });
    },
  );
});
