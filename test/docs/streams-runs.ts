import { join } from 'node:path';
import { createAudit } from '../../index';
import { jsonl, webhook } from '../../streams';
import { Collector, HttpReceiver } from '../support/streams/hec';
import { eventually } from '../support/eventually';
import { temporaryFolder } from '../support/temporary';
import { ending, run, type Shop } from './running';

const PAGE = 'docs/siem.md';

/** Runs the blocks of the page on streams. */
export function runStreams(shop: Shop): void {
  let { connection } = shop;
  beforeAll(() => ({ connection } = shop));

  describe(PAGE, () => {
    it('begins with all that is needed', async () => {
      const collector = new Collector({ token: 'T' });
      const url = await collector.http.listen();
      const given = await run(PAGE, "name: 'soc'", {
        values: { connection, hecToken: () => Promise.resolve('T') },
        instead: { 'https://hec.example.com:8088': url },
      });
      const audit = ending(given['audit']);
      await audit.event({ tenantId: 'streamed', action: 'org.a' });
      await eventually(() =>
        expect(collector.envelopes.some(({ event }) => event.tenantId === 'streamed')).toBe(true),
      );
      await run(PAGE, "state === 'failing'", { values: { audit } });
      const file = join(temporaryFolder(), 'audit.jsonl');
      const archive = await run(PAGE, 'streams.replay', {
        values: { audit, jsonl },
        instead: { '/var/log/audit.jsonl': file },
      });
      expect(archive['archive']).toMatchObject({ kind: 'jsonl' });
      await audit.close();
      await collector.http.close();
    });

    it('checks a destination of one’s own', async () => {
      const places: { tenantId: string; seq: number }[] = [];
      const http = new HttpReceiver(({ body }) => {
        for (const { metadata } of JSON.parse(body) as {
          metadata: { tenant_uid: string; sequence: number };
        }[])
          places.push({ tenantId: metadata.tenant_uid, seq: metadata.sequence });
        return { status: 200 };
      });
      const url = await http.listen();
      await run(PAGE, "kind: 'lake'", {
        values: { received: () => Promise.resolve(places) },
        instead: { 'https://lake.example.com/audit': url },
      });
      expect(new Set(places.map(({ seq }) => seq)).size).toBe(20);
      await http.close();
    });

    it('has streams of tenants', async () => {
      const rows = [{ tenantId: 'acme', url: 'https://127.0.0.1/', secret: `whsec_${'A'.repeat(32)}` }];
      const values = {
        connection,
        createAudit,
        webhook,
        SiemSettings: { find: () => Promise.resolve(rows) },
      };
      const audit = ending((await run(PAGE, 'SiemSettings', { values }))['audit']);
      audit.on('error', () => undefined); // its address is refused
      await eventually(async () =>
        expect(await audit.streams.status({ owner: 'acme' })).toMatchObject([{ name: 'siem-acme' }]),
      );
      await audit.close();
    });
  });
}
