import { createReadStream, writeFileSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import express from 'express';
import mongoose from 'mongoose';
import { createAudit, verifyEvidence } from '../../index';
import { serve } from '../support/served';
import { LEDGER, newKey, pemOf, vkeyOf } from '../support/signing';
import { temporaryFolder } from '../support/temporary';
import { ending, MEMBER, pass, run, type Shop, signingKey } from './running';

/** Runs the blocks of docs/checkpoints.md. */
export function runCheckpoints(shop: Shop): void {
  let { connection, audit } = shop;
  const { tenantId } = MEMBER;
  beforeAll(() => ({ connection, audit } = shop));

  describe('docs/checkpoints.md', () => {
    const page = 'docs/checkpoints.md';

    it('makes a ledger that signs', async () => {
      const folder = temporaryFolder();
      const key = join(folder, 'key.pem');
      writeFileSync(key, pemOf(signingKey));
      const instead = { '/run/secrets/audit-signing-key.pem': key, '/mnt/audit': folder };
      const notes: string[] = [];
      const onCheckpoint = (note: string) => Promise.resolve(void notes.push(note));
      const made = await run(page, 'audit-signing-key', {
        values: { connection, createAudit, readFile, onCheckpoint },
        instead,
      });
      const own = ending(made['audit']);
      await own.event({ tenantId: 'signed', action: 'a.b' });
      expect(notes).toContain(await own.checkpoint('signed'));
    });

    it('takes checkpoints and files by an exchanged key', async () => {
      const older = newKey();
      const then = ending(createAudit({ connection, ledger: LEDGER, signingKey: older }));
      await then.event({ tenantId: 'exchanged', action: 'a.b' });
      const file = join(temporaryFolder(), 'export.jsonl');
      await writeFile(file, await then.exportEvidence({ tenantId: 'exchanged' }));
      const own = { audit, tenantId: 'exchanged', verifyEvidence, createReadStream };
      const oldVerifierKey = vkeyOf(older, 'exchanged');
      const values = { ...own, oldVerifierKey };
      await run(page, 'oldVerifierKey', { values, instead: { 'export-2024.jsonl': file } });
      const report = await audit.verify({ tenantId: 'exchanged', keys: [oldVerifierKey] });
      expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed' });
    });

    it('keeps copies in a file', async () => {
      const folder = temporaryFolder();
      const values = { connection, createAudit, ledger: LEDGER, signingKey };
      const made = await run(page, 'const checkpoints = { everySeconds: 300, file: ', {
        values,
        instead: { '/mnt/audit': folder },
      });
      await ending(made['audit']).event({ tenantId: 'filed', action: 'a.b' });
      const note = await ending(made['audit']).checkpoint('filed');
      expect(await readFile(join(folder, 'checkpoints.jsonl'), 'utf8')).toContain(JSON.stringify(note));
    });

    it('sends copies to a witness, who keeps them', async () => {
      const folder = temporaryFolder();
      const app = express();
      const values = { app, express, appendFile, requireToken: pass };
      await run(page, "app.post('/checkpoints'", { values, instead: { '/var/lib/witness': folder } });
      const { url } = await serve(app);
      const instead = { 'https://witness.example.org': url };
      const { onCheckpoint } = await run(page, 'The witness answered', { values: {}, instead });
      const note = await audit.checkpoint(tenantId);
      await (onCheckpoint as (note: string) => Promise<void>)(note);
      expect(await readFile(join(folder, 'checkpoints.jsonl'), 'utf8')).toBe(`${JSON.stringify(note)}\n`);
    });

    it('sends copies to several', async () => {
      const sent: string[] = [];
      const to = (name: string) => (note: string) => Promise.resolve(void sent.push(`${name} ${note}`));
      const values = { file: 'checkpoints.jsonl', toBucket: to('bucket'), toWitness: to('witness') };
      const { checkpoints } = await run(page, 'Promise.all', { values });
      await (checkpoints as { onCheckpoint(note: string): Promise<unknown> }).onCheckpoint('note');
      expect(sent).toEqual(['bucket note', 'witness note']);
    });

    it('holds the database against a copy', async () => {
      const kept = join(temporaryFolder(), 'checkpoint.txt');
      writeFileSync(kept, await audit.checkpoint(tenantId));
      const values = { audit, tenantId, readFile, keys: [vkeyOf(signingKey, tenantId)] };
      const given = await run(page, 'anchoredSize', { values, instead: { 'checkpoint.txt': kept } });
      expect(given).toMatchObject({ verdict: 'intact', anchor: 'pinned', problems: [] });
    });

    it('raises an alarm where the chain is another', async () => {
      const other = ending(createAudit({ connection: mongoose.connection, ledger: LEDGER, signingKey }));
      for (let n = 0; n < 3; n++) await other.event({ tenantId: 'org_acme', action: 'a.b' });
      const kept = join(temporaryFolder(), 'org_acme.txt');
      writeFileSync(kept, await other.checkpoint('org_acme'));
      const reports: object[] = [];
      const alarm = (report: object) => Promise.resolve(void reports.push(report));
      const instead = { '/mnt/audit/org_acme.txt': kept };
      await run(page, 'yesterday', { values: { audit, readFile, alarm }, instead });
      expect(reports).toMatchObject([{ verdict: 'broken', tenantId: 'org_acme' }]);
    });
  });
}
