import { createTestAudit } from '../../testing';
import { ledgerOf } from '../../lib/audit';
import { webhook } from '../../streams';
import { startSiem } from '../../example-app/siem';
import { eventually } from '../support/eventually';

describe('the small receiver of the example', () => {
  it('prints what arrives, and takes it from nobody else', async () => {
    const lines: string[] = [];
    const siem = await startSiem((line) => lines.push(line));
    const audit = createTestAudit({
      streams: [{ name: 'siem', to: webhook({ ...siem.address, batch: 100 }), tenants: ['acme'] }],
    });
    ledgerOf(audit).start();
    await audit.event({ tenantId: 'acme', action: 'auth.login', actor: 'ada' });
    await eventually(() => expect(lines).toEqual(['siem: acme #1 ada auth.login success']));
    const forged = await fetch(siem.address.url, { method: 'POST', body: '{"data":[]}' });
    expect(forged.status).toBe(401);
    await audit.close();
    siem.close();
  });
});
