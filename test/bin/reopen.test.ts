import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON } from 'bson';
import type { Connection } from 'mongoose';
import { createAudit } from '../support/create-audit';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { until } from '../support/deadline';
import { LEDGER, newKey, pemOf, vkeyOf } from '../support/signing';
import { temporaryFolder } from '../support/temporary';
import { runHere } from './program';

const key = newKey();
const event = { tenantId: 't', action: 'a.b' };

/** A chain of three entries with a checkpoint, and the command line that names it. */
async function served() {
  const connection = await connect();
  const audit = createAudit({ connection, ledger: LEDGER, signingKey: key });
  for (let n = 0; n < 3; n++) await audit.event(event);
  await audit.checkpoint('t');
  const keyFile = join(temporaryFolder(), 'key.pem');
  writeFileSync(keyFile, pemOf(key));
  const at = ['--uri', sharedDatabaseUri(), '--db', connection.name, '--tenant', 't'];
  return { connection, audit, at, signing: ['--ledger', LEDGER, '--signing-key', keyFile] };
}

const entries = (connection: Connection) =>
  connection.getClient().db(connection.name).collection('audit_entries');

describe('audit-ledger reopen', () => {
  it('sets aside what blocks a chain, byte for byte, and lets the waiting events go on', async () => {
    const { connection, audit, at, signing } = await served();
    const codes: unknown[] = [];
    audit.on('error', (error) => codes.push((error as { code?: string }).code));
    const junk = {
      _id: 'junk' as never,
      tenantId: 't',
      seq: BSON.Long.fromString('9007199254740991'),
      a: 'x'.repeat(9000),
    };
    await entries(connection).insertOne(junk);
    const [bytes] = (await entries(connection)
      .find({ _id: junk._id }, { raw: true })
      .toArray()) as unknown as Buffer[];
    const waiting = audit.event(event);
    await until(() => codes.length > 0);
    expect(codes).toEqual(['HEAD_ALTERED']);
    const checked = await runHere(['verify', ...at, '--key', vkeyOf(key, 't')]);
    expect(checked.code).toBe(1);
    const reason = ['--reason', 'an intruder, ticket 42', '--by', 'ann'];
    const ended = await runHere(['reopen', ...at, ...signing, ...reason]);
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('opened again behind entry 3') });
    expect(await waiting).toMatchObject({ seq: expect.any(Number) });
    const removed = connection.getClient().db(connection.name).collection('audit_removed');
    const [kept] = await removed.find().toArray();
    const digest = (given: Uint8Array) => createHash('sha256').update(given).digest('hex');
    expect(digest((kept!['bytes'] as BSON.Binary).buffer)).toBe(digest(bytes!));
    const again = await runHere(['verify', ...at, '--key', vkeyOf(key, 't')]);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(
      /To know:\n {2}- The chain was opened again behind entry 3 at .* by "ann": "an intruder, ticket 42"/,
    );
    const none = await runHere(['reopen', ...at, ...signing, ...reason]);
    expect(none).toMatchObject({ code: 0, out: expect.stringContaining('nothing was to be done') });
    await audit.close();
  });

  it('records a restore, after which exports say so and verify', async () => {
    const { connection, audit, at, signing } = await served();
    await audit.event(event);
    await audit.checkpoint('t');
    await audit.close();
    await entries(connection).deleteMany({ tenantId: 't', seq: { $gt: 3 } });
    const out = join(temporaryFolder(), 'export.jsonl');
    const exported = () => runHere(['export', ...at, ...signing, '--out', out]);
    expect(await exported()).toMatchObject({
      code: 2,
      err: expect.stringContaining('contradicts an earlier checkpoint'),
    });
    const ended = await runHere(['reopen', ...at, ...signing, '--reason', 'restored the backup', '--json']);
    expect(JSON.parse(ended.out)).toMatchObject({
      tenantId: 't',
      record: { to: { size: expect.any(Number) } },
    });
    expect(await exported()).toMatchObject({ code: 0 });
    const checked = await runHere(['verify', out, '--key', vkeyOf(key, 't')]);
    expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('when it was opened again') });
    expect(readFileSync(out, 'utf8')).toContain('ledger.reopened');
  });

  it('refuses a command line that lacks who, why, or a key that is needed', async () => {
    const { audit, at, connection, signing } = await served();
    await audit.event(event);
    await audit.checkpoint('t');
    await audit.close();
    await entries(connection).deleteMany({ tenantId: 't', seq: { $gt: 3 } });
    expect(await runHere(['reopen', ...at])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--reason is missing'),
    });
    const unsigned = await runHere(['reopen', ...at, '--reason', 'x', '--ledger', LEDGER]);
    expect(unsigned).toMatchObject({ code: 2, err: expect.stringContaining('are signed') });
    const wrong = await runHere(['reopen', ...at, ...signing, '--reason', 'x', '--size', 'all']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--size must be a number') });
  });
});
