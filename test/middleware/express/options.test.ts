import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Audit } from '../../../lib/audit';
import { AuditError } from '../../../lib/errors';
import { parseMiddlewareOptions, parseRouterOptions } from '../../../middleware/express/options';
import { memoryLedger } from '../../support/memory-ledger';
import { ledgerOf } from '../../../lib/audit';

const noShared = (): Audit => {
  throw new Error('the shared ledger was asked for');
};

let audit: Audit;
beforeAll(() => {
  audit = memoryLedger().audit;
});

function refusalOf(call: () => unknown): AuditError {
  try {
    call();
  } catch (error) {
    if (error instanceof AuditError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseMiddlewareOptions', () => {
  const parse = (options: unknown) => parseMiddlewareOptions(options as object, noShared);

  it('leaves what was left out to a middleware further out', () => {
    expect(parse({ audit })).toEqual({ ledger: ledgerOf(audit), identify: undefined, capture: {} });
  });

  it('takes an explicit undefined for absent', () => {
    const options = { audit, identify: undefined, capture: { exports: undefined, requests: true } };
    expect(parse(options)).toEqual({
      ...parse({ audit }),
      capture: { requests: true },
    });
  });

  it('says all that is wrong at once', () => {
    const { code, message } = refusalOf(() =>
      parse({ audit: {}, identify: 'me', captures: {}, capture: { requests: 'yes', export: true } }),
    );
    expect(code).toBe('INVALID_OPTIONS');
    for (const name of ['`audit`', '`identify`', '`captures`', '`capture.requests`', '`capture.export`'])
      expect(message).toContain(name);
  });

  it.each([
    ['null', null],
    ['a text', 'audit'],
    ['an array', []],
    ['a function', () => undefined],
    ['a capture that is no object', { capture: true }],
    ['a null capture', { capture: null }],
    ['a capture of null', { capture: { exports: null } }],
  ])('refuses %s', (_what, options) => {
    expect(refusalOf(() => parse(options)).code).toBe('INVALID_OPTIONS');
  });

  it('tells a forgotten call by the request that it gets', () => {
    const request = new IncomingMessage(new Socket());
    expect(refusalOf(() => parse(request)).message).toContain('app.use(auditMiddleware())');
  });

  it('does not ask for the shared ledger when it refuses', () => {
    expect(refusalOf(() => parse({ unknown: 1 })).message).toContain('unknown');
  });
});

describe('parseRouterOptions', () => {
  const parse = (options: unknown) => parseRouterOptions(options as object, noShared);

  it('allows every member of the tenant by default', async () => {
    const { authorize, ...rest } = parse({ audit });
    expect(rest).toMatchObject({ identify: undefined, tenant: undefined, recordAccess: 'exports' });
    expect(rest.ledger).toBe(ledgerOf(audit));
    expect(await authorize({} as never, 'read')).toBe(true);
  });

  it('says all that is wrong at once', () => {
    const { code, message } = refusalOf(() =>
      parse({
        audit: 'x',
        identify: 1,
        tenant: 'acme',
        authorize: true,
        recordAccess: 'some',
        tenantId: 'acme',
      }),
    );
    expect(code).toBe('INVALID_OPTIONS');
    for (const name of ['`audit`', '`identify`', '`tenant`', '`authorize`', '`recordAccess`', '`tenantId`'])
      expect(message).toContain(name);
  });

  it('takes what an application says of the page', () => {
    const page = { title: 'Acme activity', home: '/home?x=1', bearer: true };
    const frameAncestors = ['https://app.example.com', 'http://127.0.0.1:3000'];
    expect(parse({ audit, ...page, frameAncestors }).page).toEqual({ ...page, frameAncestors });
    expect(parse({ audit, home: 'https://app.example.com/x' }).page).toMatchObject({ bearer: false });
  });

  it.each([
    ['title', ['', ' ', 'x'.repeat(101), 7]],
    ['home', ['javascript:alert(1)', '//evil.example', '', 'home', '/\\evil.example', 'data:x', '/a b', 7]],
    [
      'frameAncestors',
      [
        ...['*', 'https://app.example.com'],
        ...[
          ['*'],
          ['https://*.example.com'],
          ['https://a.example/x'],
          ["https://a.example; script-src 'x'"],
          [7],
        ],
        ...[['data:x'], ['null'], ['https://A.example'], ['https://a.example ']],
      ],
    ],
    ['bearer', ['yes', 1]],
  ])('refuses a %s that could be something else', (name, values) => {
    for (const value of values)
      expect(refusalOf(() => parse({ audit, [name]: value })).message).toContain(`\`${name}\` must be`);
  });

  it('tells a forgotten call', () => {
    const request = new IncomingMessage(new Socket());
    expect(refusalOf(() => parse(request)).message).toContain('app.use(auditRouter())');
  });

  it('takes an explicit undefined for absent', () => {
    const { authorize } = parse({ audit, authorize: undefined, tenant: undefined });
    expect(authorize({} as never, 'verify')).toBe(true);
  });
});
