import { inspect } from 'node:util';
import { createClient } from '../../../client';

const KEY = 'alk_secretsecret_verysecret';
const WHOLE = { url: 'https://audit.example.com/collect/', apiKey: KEY };

describe('options of a client', () => {
  afterEach(() => {
    delete process.env['AUDIT_LEDGER_URL'];
    delete process.env['AUDIT_LEDGER_API_KEY'];
  });

  it('come from the environment where they are left out', () => {
    expect(() => createClient()).toThrow(/`url` is missing.*AUDIT_LEDGER_URL.*`apiKey` is missing/);
    process.env['AUDIT_LEDGER_URL'] = 'http://127.0.0.1:1';
    process.env['AUDIT_LEDGER_API_KEY'] = KEY;
    expect(createClient({ defaultTenant: 't' }).defaultTenant).toBe('t');
  });

  it.each<[string, object]>([
    ['url', { url: 'ftp://x' }],
    ['url', { url: 'nowhere' }],
    ['url', { url: 'https://user:pass@x' }],
    ['url', { url: `https://x/?key=${KEY}` }],
    ['url', { url: 7 }],
    ['apiKey', { apiKey: `${KEY}\r\nX: y` }],
    ['apiKey', { apiKey: 7 }],
    ['fetch', { fetch: 7 }],
    ['waitUntil', { waitUntil: 7 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: NaN }],
    ['limits.batch', { limits: { batch: 1_001 } }],
    ['limits.queueEvents', { limits: { queueEvents: 0 } }],
    ['limits.others', { limits: { others: 1 } }],
    ['connection', { connection: {} }],
    ['defaultTenant', { defaultTenant: 'system' }],
    ['redact', { redact: 7 }],
    ['actions', { actions: 7 }],
    ['logger', { logger: {} }],
  ])('are checked at the call: %s', (name, wrong) => {
    const make = () => createClient({ ...WHOLE, ...wrong });
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(make).toThrow(`\`${name}\``);
    expect(make).not.toThrow(/verysecret/);
  });

  it('are not shown by a client: the key is secret', () => {
    expect(inspect(createClient(WHOLE), { depth: 9, showHidden: true })).not.toContain('verysecret');
  });
});
