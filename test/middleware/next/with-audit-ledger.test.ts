import { withAuditLedger } from 'express-audit-ledger/next';

const OWN = 'express-audit-ledger';

describe('withAuditLedger', () => {
  it('leaves this package out of bundles, beside those that are left out already', () => {
    expect(withAuditLedger()).toEqual({ serverExternalPackages: [OWN] });
    const config = { reactStrictMode: true, serverExternalPackages: ['other'] };
    expect(withAuditLedger(config)).toEqual({
      reactStrictMode: true,
      serverExternalPackages: ['other', OWN],
    });
    expect(withAuditLedger(withAuditLedger(config)).serverExternalPackages).toEqual(['other', OWN]);
    expect(config.serverExternalPackages).toEqual(['other']);
  });

  it('takes a function, and what promises a configuration', async () => {
    const external = { serverExternalPackages: [OWN] };
    expect(withAuditLedger((phase: string) => ({ env: { phase } }))('dev')).toEqual({
      env: { phase: 'dev' },
      ...external,
    });
    await expect(withAuditLedger(async () => Promise.resolve({}))()).resolves.toEqual(external);
    await expect(withAuditLedger(Promise.resolve({}))).resolves.toEqual(external);
  });
});
