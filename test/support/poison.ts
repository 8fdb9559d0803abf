import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON } from 'bson';
import { newId } from '../../lib/event/id';
import { NO_OWNER } from '../../lib/write/spool/owner';
import { eventLine, foldLine, repeatLine } from '../../lib/write/spool/spool-line';
import type { Random } from './damage';
import { segmentName } from './left-folder';
import { LEDGER, newKey, noteBy } from './signing';

const one = <T>(items: readonly T[], random: Random): T => items[random(items.length)] as T;

/** A value of any BSON type. */
function value(random: Random, depth = 0): unknown {
  const plain = () =>
    one<unknown>(
      [null, true, '', 'text', '\ud800', -1, 0, 1.5, 2 ** 53, NaN, new Date(random(4) * 1e15), new Date(NaN)],
      random,
    );
  const special = () =>
    one<unknown>(
      [
        new BSON.ObjectId(),
        new BSON.Long(0, 0x7fffffff),
        new BSON.Decimal128('1'),
        new BSON.Binary(Buffer.alloc(random(9000))),
        new BSON.MaxKey(),
        new BSON.Timestamp(1n),
        new BSON.Code('x'),
        /a/g,
      ],
      random,
    );
  const nested = () =>
    random(2) === 0
      ? Array.from({ length: random(4) }, () => value(random, depth + 1))
      : Object.fromEntries(Array.from({ length: random(4) }, (_, n) => [`m${n}`, value(random, depth + 1)]));
  return one(depth > 3 ? [plain] : [plain, plain, special, nested], random)();
}

const TENANTS = ['hot', 'quiet', 'system', 'stranger', '', 'a\0b', 'x'.repeat(300)];
const ACTIONS = [
  'ledger.checkpoint',
  'ledger.reopened',
  'ledger.started',
  'a.b',
  'honest.work',
  '',
  'x'.repeat(300),
];

/** The text of a draft, near one that a ledger would write or far from it. */
function draftText(random: Random): string {
  const tenantId = one(TENANTS, random);
  const id = `poison-${newId()}`;
  const root = 'ab'.repeat(32);
  const metadata = one<unknown>(
    [undefined, { tenantId: 'hot', size: 1000, root }, value(random), new Array(random(60_000)).fill(0)],
    random,
  );
  const draft: Record<string, unknown> = {
    v: 1,
    tenantId,
    id,
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: one(['mallory', 'x'.repeat(5000), '\ud800'], random),
    action: one(ACTIONS, random),
    outcome: one(['success', 'success', 'none'], random),
    metadata,
    resource: one([undefined, 'hot', 'x'.repeat(5000)], random),
    via: one([undefined, undefined, 'key-1'], random),
    context: one<unknown>([undefined, { ipAddress: 'x'.repeat(5000) }, { foreign: 1 }], random),
  };
  if (random(6) === 0) draft[one(Object.keys(draft), random)] = value(random);
  const text = JSON.stringify({ draft, occurredAtGiven: random(5) > 0 });
  const cut = [text, text, text, text.slice(0, random(text.length)), `${text}x`, ''];
  if (random(40) === 0)
    return text.replace('"outcome"', `"before":${'['.repeat(5000)}${']'.repeat(5000)},"outcome"`);
  return one(cut, random);
}

/** A document for the outbox: an item, nearly one, a lease, or anything. */
export function outboxPoison(random: Random): BSON.Document {
  const at = new Date(Date.UTC(2026, 0, 1) + random(1e9));
  const item = { _id: newId(), at, event: draftText(random) };
  const kinds: (() => BSON.Document)[] = [
    () => item,
    () => item,
    () => item,
    () => ({ ...item, [one(['at', 'event', 'more'], random)]: value(random) }),
    () => ({ ...item, _id: one<unknown>([new BSON.ObjectId(), random(1e9), { n: random(1e9) }], random) }),
    () => ({ _id: newId(), junk: value(random) }),
    () => ({ _id: `turn:${one(['write', 'checkpoint'], random)}:lost-${newId()}`, holder: value(random) }),
    () => ({ ...item, event: `${item.event}${' '.repeat(random(8) === 0 ? 2_200_000 : random(1000))}` }),
  ];
  return one(kinds, random)();
}

/** A document for the tiles of a tenant. */
export function tilePoison(random: Random): BSON.Document {
  const _id = `hot:${random(3)}:${String(random(5)).padStart(16, '0')}`;
  const hashes = (count: number) => new BSON.Binary(Buffer.alloc(32 * count, random(256)));
  const tile = { _id, hashes: hashes(256), root: hashes(1) };
  return one(
    [tile, { ...tile, hashes: value(random) }, { _id, root: hashes(3) }, { _id, junk: value(random) }],
    random,
  );
}

/** A document for the checkpoints of a tenant. */
export function checkpointPoison(random: Random): BSON.Document {
  const size = random(500);
  const tenantId = one(['hot', 'quiet'], random);
  const root = new Uint8Array(32).fill(random(256));
  const note = one<unknown>(
    [
      noteBy(newKey(), tenantId, size, root),
      noteBy(null, tenantId, size, root),
      'junk',
      `${LEDGER}/hot\n`,
      value(random),
    ],
    random,
  );
  const _id = `${tenantId}:${String(size).padStart(16, '0')}:${newId()}`;
  const keys = one<unknown>([[], new Array(5000).fill('key'), value(random)], random);
  return {
    _id,
    tenantId,
    note,
    keys,
    frontier: one([new BSON.Binary(Buffer.alloc(32)), value(random)], random),
  };
}

/** A folder in the spool that no ledger has left. */
export function plantFolder(directory: string, random: Random): void {
  const path = join(directory, newId());
  mkdirSync(path, { mode: 0o700 });
  const line = () =>
    one(
      [
        () => eventLine(draftText(random)),
        () => foldLine(draftText(random)),
        () => repeatLine(newId(), '2026-01-01T00:00:00.000Z'),
        () => `${draftText(random)}\n`,
        () => `${'z'.repeat(random(5000))}\n`,
      ],
      random,
    )();
  const lines = Array.from({ length: 5 }, line).join('');
  if (random(8) === 0) symlinkSync('/etc/hostname', join(path, segmentName(1)));
  else writeFileSync(join(path, segmentName(1)), lines);
  writeFileSync(join(path, one([NO_OWNER, NO_OWNER, 'owner.1.x.y', 'other'], random)), '');
}
