import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointOptions } from '../../../lib/checkpoints/checkpoint-service';
import { record } from '../../support/chain';
import { memoryLedger } from '../../support/memory-ledger';
import { MemoryStore } from '../../../models/memory/memory-store';
import { LEDGER, newKey, statedIn } from '../../support/signing';
import { temporaryFolder } from '../../support/temporary';

const key = newKey();

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

function ledger(checkpoints: CheckpointOptions) {
  return memoryLedger({ ledger: LEDGER, signingKey: key, checkpoints }, store);
}

const kept = async () => {
  const notes: string[] = [];
  for await (const { note } of store.checkpoints('t', 'asc')) notes.push(note);
  return notes.length;
};

describe('checkpoints', () => {
  it('are given to onCheckpoint, appended to the file, and told of in the ledger’s own chain', async () => {
    const file = join(temporaryFolder(), 'checkpoints');
    const given: string[] = [];
    const { audit } = ledger({ file, onCheckpoint: (note) => Promise.resolve(given.push(note)) });
    await record(audit, 't', 3);
    const notes = [await audit.checkpoint('t'), await audit.checkpoint('system')];
    expect(given).toEqual(notes);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual(
      notes.map((note) => JSON.stringify(note)),
    );
    const told = await audit.list({ tenantId: 'system', action: 'ledger.checkpoint' });
    expect([...told]).toMatchObject([{ resource: 't', metadata: { tenantId: 't', ...statedIn(notes[0]!) } }]);
    await audit.close();
    await expect(audit.checkpoint('t')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('need a key, and a tenant that is a text', async () => {
    const { audit } = memoryLedger({}, store);
    await expect(audit.checkpoint('t')).rejects.toMatchObject({ code: 'SIGNING_KEY_REQUIRED' });
    for (const tenantId of [{ $ne: null }, null, 'a\ud800'])
      await expect(ledger({}).audit.checkpoint(tenantId as never)).rejects.toMatchObject({
        code: 'INVALID_QUERY',
      });
    await audit.close();
  });
});

describe.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('no copy');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no copy'))],
])('when onCheckpoint %s', (_, onCheckpoint) => {
  it('reports that, and keeps the checkpoint', async () => {
    const { audit, errors } = ledger({ onCheckpoint });
    await record(audit, 't', 3);
    const note = await audit.checkpoint('t');
    expect(errors).toMatchObject([{ code: 'CHECKPOINT_NOT_COPIED', cause: { message: 'no copy' } }]);
    expect(await kept()).toBe(1);
    expect(await audit.checkpoint('t')).toBe(note);
    expect(errors).toHaveLength(1);
    await audit.close();
  });
});

describe('when the file cannot be written', () => {
  it('signs nothing, and goes on once it can', async () => {
    const file = join(temporaryFolder(), 'checkpoints');
    mkdirSync(file);
    const given: string[] = [];
    const { audit } = ledger({ file, onCheckpoint: (note) => given.push(note) });
    await record(audit, 't', 3);
    await expect(audit.checkpoint('t')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(audit.verify({ tenantId: 't' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect([given, await kept()]).toEqual([[], 0]);
    rmdirSync(file);
    expect(statedIn(await audit.checkpoint('t')).size).toBe(3);
    await audit.close();
  });
});
