import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { repeatLine } from '../../../lib/write/spool/spool-line';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { connectWithTimeout } from '../../support/connect-with-timeout';
import { foldOf, leaveFolder, lineOf } from '../../support/left-folder';
import { until } from '../../support/deadline';
import { temporaryFolder } from '../../support/temporary';
import { sha256 } from '../../../lib/crypto/node';

const quiet = { warn: () => undefined, error: () => undefined };

let database: Database;
let connection: Connection;
let directory: string;
const ledgers: Audit[] = [];

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  directory = temporaryFolder();
  connection = await connectWithTimeout(database.uri, `recovery_${Date.now()}`);
});
afterEach(async () => {
  for (const audit of ledgers.splice(0)) await audit.close({ timeoutMs: 1_000 }).catch(() => undefined);
  await connection.close();
});

function ledger() {
  const audit = createAudit({ connection, spool: { directory }, logger: quiet });
  const errors: Error[] = [];
  audit.on('error', (error) => errors.push(error));
  ledgers.push(audit);
  return { audit, errors };
}

/** Resolves once a ledger has recorded all that others left: only its own folder, and files, are there. */
async function recovered(audit: Audit): Promise<void> {
  await until(() => folders().length === 1);
  await audit.flush();
}

function folders(): string[] {
  return readdirSync(directory).filter((name) => !name.endsWith('.damaged'));
}

async function idsOf(audit: Audit): Promise<string[]> {
  const entries = await audit.list({ tenantId: 't', order: 'asc', limit: 1000 });
  return entries.map(({ id }) => id);
}

describe('what others left', () => {
  it('is recorded at the start, in order, and only what is not recorded yet', async () => {
    const { audit } = ledger();
    await audit.event({ tenantId: 't', action: 'a.b', id: 'b' });
    await audit.close();
    leaveFolder(directory, [lineOf('a') + lineOf('b'), lineOf('c')]);
    leaveFolder(directory, [lineOf('d')]);
    const { audit: next, errors } = ledger();
    await recovered(next);
    expect(await idsOf(next)).toEqual(['b', 'a', 'c', 'd']);
    expect(errors).toEqual([]);
    await next.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('and whose id has become that of another event is an error, and holds nothing up', async () => {
    const { audit } = ledger();
    await audit.event({ tenantId: 't', action: 'a.b', id: 'taken', metadata: { other: true } });
    await audit.close();
    leaveFolder(directory, [lineOf('a') + lineOf('taken') + lineOf('b')]);
    const { audit: next, errors } = ledger();
    await recovered(next);
    expect((await idsOf(next)).slice(0, 3)).toEqual(['taken', 'a', 'b']);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ID_CONFLICT', message: expect.stringContaining('"taken"') }),
    ]);
  });

  it('and was counted is no error when its end is recorded with the final count', async () => {
    const { audit } = ledger();
    await audit.event({
      tenantId: 't',
      action: 'a.b',
      id: 'f',
      occurredAt: new Date(0),
      metadata: { count: 7 },
    });
    await audit.close();
    leaveFolder(directory, [foldOf('f') + repeatLine('f', '2026-01-01T00:00:00.000Z')]);
    const { audit: next, errors } = ledger();
    await recovered(next);
    expect(await next.get({ tenantId: 't', id: 'f' })).toMatchObject({ metadata: { count: 7 } });
    expect(errors).toEqual([]);
  });

  it('and the database would refuse for ever holds up no tenant', async () => {
    const text = `e${lineOf('evil', { 'a-c': 1 }).trim().slice(18)}`.replace('a-c', 'a\\u0000c');
    leaveFolder(directory, [`${lineOf('a')}${sha256(text).slice(0, 16)} ${text}\n${lineOf('b')}`]);
    const { audit, errors } = ledger();
    await recovered(audit);
    expect(await idsOf(audit)).toEqual(['a', 'b']);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'SPOOL_DAMAGED', message: expect.stringContaining('.damaged') }),
    ]);
  });

  it('damaged and not recorded yet when the ledger gives up, is found by the next', async () => {
    await createAudit({ connection }).event({
      tenantId: 't',
      action: 'a.b',
      id: 'first',
    });
    leaveFolder(directory, [`${lineOf('a')}damaged\n${lineOf('b')}`]);
    await database.stop();
    const { audit } = ledger();
    await until(() => audit.stats().queued + audit.stats().inFlight === 2);
    await audit.close({ timeoutMs: 50 }).catch(() => undefined);
    await database.restart();
    const { audit: next } = ledger();
    await recovered(next);
    expect(await idsOf(next)).toEqual(['first', 'a', 'b']);
  });
});

describe('two ledgers of one process with one directory', () => {
  it('have a folder each, and leave that of the other alone', async () => {
    const [{ audit: first }, { audit: second }] = [ledger(), ledger()];
    const receipts = [first, second].flatMap((audit, i) =>
      Array.from({ length: 50 }, (_, n) => audit.event({ tenantId: 't', action: 'a.b', id: `${i}-${n}` })),
    );
    expect(folders()).toHaveLength(2);
    await first.close();
    expect(folders()).toHaveLength(1);
    await Promise.all(receipts);
    await second.close();
    expect(folders()).toEqual([]);
    expect(second.stats().recorded).toBe(50);
  });
});

describe('a ledger whose process was wrongly thought to be gone', () => {
  it('begins anew at its next beat and keeps what is not recorded', async () => {
    const { audit } = ledger();
    await audit.event({ tenantId: 't', action: 'a.b', id: 'first' });
    await database.stop();
    const ids = Array.from({ length: 20 }, (_, n) => `event-${n}`);
    const ends = Promise.allSettled(ids.map((id) => audit.event({ tenantId: 't', action: 'a.b', id })));
    const [old = ''] = folders();
    const [owner = ''] = readdirSync(join(directory, old)).filter((name) => name.startsWith('owner.'));
    renameSync(join(directory, old, owner), join(directory, old, 'owner.1.x.2.elsewhere'));

    await until(() => folders().length === 2);
    rmSync(join(directory, old), { recursive: true }); // whoever took it over is not to be relied on
    const [anew = ''] = folders();
    const lines = readFileSync(join(directory, anew, '0000000000000001.jsonl'), 'utf8');
    expect(ids.filter((id) => !lines.includes(`"${id}"`))).toEqual([]);

    await audit.close({ timeoutMs: 50 }).catch(() => undefined);
    await ends;
    await database.restart();
    const { audit: next } = ledger();
    await recovered(next);
    expect(await idsOf(next)).toEqual(['first', ...ids]);
  });
});

describe('a directory that cannot be used', () => {
  it('is INVALID_OPTIONS, naming the path', () => {
    const path = join(directory, 'file');
    renameSync(leaveFolder(directory, []), path);
    const file = join(path, 'owner.nobody');
    expect(() => createAudit({ connection, spool: { directory: file } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(file) }),
    );
  });
});
