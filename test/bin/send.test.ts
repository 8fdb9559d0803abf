import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collecting } from '../support/collecting';
import { faultyProxy } from '../support/faulty-proxy';
import { serve } from '../support/served';
import { runHere } from './program';

const lines = (...events: unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

describe('audit-ledger send', () => {
  it('records each line, redacted, and prints the receipts in their order', async () => {
    const collector = await collecting();
    const key = await collector.newKey();
    const env = { AUDIT_LEDGER_URL: collector.url, AUDIT_LEDGER_API_KEY: key };
    const input = lines(
      { action: 'a.one', id: '1', metadata: { password: 'hunter2' } },
      { action: 'a.two', id: '2', tenantId: 'acme', actor: { id: 'ada', type: 'user' } },
    );
    const { code, out, err } = await runHere(['send', '--tenant', 'acme', '--json'], {
      input: `${input}\n`,
      env,
    });
    expect({ code, err }).toEqual({ code: 0, err: '2 recorded, 0 not.\n' });
    const chain = await collector.chain('acme');
    expect(chain.map(({ id }) => id)).toEqual(['1', '2']);
    expect(chain[0]!.metadata).toEqual({ password: '[REDACTED]' });
    const printed = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as object);
    expect(printed).toEqual(
      chain.map(({ id, tenantId, seq, hash, recordedAt }, i) => ({
        line: i + 1,
        receipt: { id, tenantId, seq, hash, recordedAt },
      })),
    );
    expect((await runHere(['send', '--tenant', 'acme'], { input, env })).code).toBe(0);
    expect(await collector.chain('acme')).toHaveLength(2);
  });

  it('records a line with an id once, however often it is sent', async () => {
    const collector = await collecting();
    let n = 0;
    const { url } = await serve(faultyProxy(collector.url, () => (n++ % 2 === 0 ? 'cut' : 'twice')));
    const env = { AUDIT_LEDGER_API_KEY: await collector.newKey() };
    const input = lines(
      ...Array.from({ length: 30 }, (_, i) => ({ action: 'a', id: `e-${i}`, tenantId: 'acme' })),
    );
    for (const run of [1, 2])
      expect([run, (await runHere(['send', '--url', url], { input, env })).code]).toEqual([run, 0]);
    expect((await collector.chain('acme')).map(({ id }) => id)).toEqual(
      Array.from({ length: 30 }, (_, i) => `e-${i}`),
    );
  });

  it('tells which lines are not recorded, and why; the others are', async () => {
    const collector = await collecting();
    const folder = mkdtempSync(join(tmpdir(), 'audit-send-'));
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, `${await collector.newKey()}\n`);
    const input = [
      '{"action":"a.b","id":"1","tenantId":"acme"}',
      '{"action":"a.b", password=hunter2',
      '"text"',
      '{"action":"a.b","tenantId":"other"}',
      '{"action":"a.b","id":"2","tenantId":"acme"}',
    ].join('\r\n');
    const { code, out, err } = await runHere(['send', '--url', collector.url, '--key-file', keyFile], {
      input,
    });
    rmSync(folder, { recursive: true });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const told = err.trim().split('\n');
    expect(told).toEqual([
      'line 2: The line is not JSON.',
      expect.stringMatching(/^line 3: /),
      expect.stringMatching(/^line 4: .*refused the key/),
      '2 recorded, 3 not.',
    ]);
    expect((await collector.chain('acme')).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('ends when the collector does not answer in time', async () => {
    const { url } = await serve((_req, res) => res.destroy());
    const { code, err } = await runHere(['send', '--url', url, '--timeout', '1'], {
      input: '{"action":"a.b","tenantId":"acme"}',
      env: { AUDIT_LEDGER_API_KEY: 'k' },
    });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/^line 1: .*no answer in time/) });
  });

  it.each([
    [['--url', 'ftp://x'], '`url`'],
    [['--url', 'http://x', '--timeout', '0'], '--timeout'],
    [['--url', 'http://x', '--key-file', '/nowhere'], 'The key cannot be read'],
    [['here'], 'is not expected here'],
    [['--key', 'alk_'], '--key'],
  ])('refuses %j', async (args, why) => {
    const { code, err } = await runHere(['send', ...args], { env: { AUDIT_LEDGER_API_KEY: 'k' } });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(why) });
  });
});
