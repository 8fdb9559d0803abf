import { mergeContext } from '../../../lib/event/context';
import { cutText, TEXT_LIMIT } from '../../../lib/event/size-limit';
import { createDrafter } from '../../../lib/event/drafter';
import { createSecrets } from '../../../lib/event/secrets';
import { sha256 } from '../../../lib/crypto/node';

const secrets = createSecrets();

describe('contextOf', () => {
  it('puts what the caller says over what the request knows', () => {
    const request = { ipAddress: '203.0.113.9', method: 'GET', statusCode: 200 };
    expect(mergeContext(request, { method: 'POST' }, secrets)).toEqual({ ...request, method: 'POST' });
  });

  it('takes an explicit undefined for absent', () => {
    expect(mergeContext({ requestId: 'r' }, { requestId: undefined }, secrets)).toEqual({ requestId: 'r' });
  });

  it('is left out when empty', () => {
    expect(mergeContext({}, {}, secrets)).toBeUndefined();
    expect(mergeContext({ route: undefined }, { path: undefined }, secrets)).toBeUndefined();
  });

  it('cuts long texts of the request: no header keeps its sender out of the ledger', () => {
    const userAgent = '\u{1F600}'.repeat(5_000);
    expect(mergeContext({ userAgent }, {}, secrets)).toEqual({ userAgent: '\u{1F600}'.repeat(1023) + '…' });
  });

  it('redacts secrets, also where cutting would split them', () => {
    const userAgent = `${'x'.repeat(1_010)} Bearer abcdefghijklmnop`;
    expect(mergeContext({ userAgent }, {}, secrets)).toEqual({
      userAgent: `${'x'.repeat(1_010)} [REDACTED]`,
    });
  });

  it('replaces lone surrogates', () => {
    expect(mergeContext({ path: '/\ud800' }, {}, secrets)).toEqual({ path: '/\ufffd' });
  });

  it('holds no minus zero, which JSON has not', () => {
    const { durationMs } = mergeContext({}, { durationMs: -0 }, secrets) as { durationMs: number };
    expect(Object.is(durationMs, 0)).toBe(true);
  });
});

describe('the context that a caller gives', () => {
  const record = createDrafter({ sha256, now: () => 0, valueBytes: 100 });
  const code = (context: unknown): unknown => {
    try {
      return record({ tenantId: 't', action: 'a', context: context as never }, {}, 'application').draft
        .context;
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };

  it.each<[unknown, unknown]>([
    [null, undefined],
    [[], undefined],
    ['x', undefined],
    [7, undefined],
    [{ unknown: 1 }, undefined],
    [{ path: null }, undefined],
    [{ path: 7 }, { path: '7' }],
    [{ traceId: {} }, undefined],
    [{ userAgent: ['a', { token: 'hunter2' }] }, { userAgent: '["a",{"token":"[REDACTED]"}]' }],
    [{ ipAddress: 'x'.repeat(1025) }, { ipAddress: `${'x'.repeat(1023)}…` }],
    [{ statusCode: '200' }, { statusCode: 200 }],
    [{ statusCode: NaN, durationMs: -1 }, undefined],
    [{ statusCode: {}, durationMs: Infinity }, undefined],
    [{ statusCode: 'x', durationMs: '' }, undefined],
    [{ statusCode: 200n }, { statusCode: 200 }],
  ])('is taken as far as it can be: %p', (context, kept) => {
    expect(code(context)).toEqual(kept);
  });

  it('lets the request’s stand where it says null', () => {
    expect(mergeContext({ userAgent: 'a' }, { userAgent: null }, secrets)).toEqual({ userAgent: 'a' });
  });

  it('is taken from a proxy that throws', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(mergeContext({ method: 'GET' }, proxy, secrets)).toEqual({ method: 'GET' });
  });

  it('is kept', () => {
    const context = {
      ...{ ipAddress: '::1', userAgent: '', method: 'GET', route: '/a/:id', path: '/a/1', statusCode: 200 },
      ...{ durationMs: 1.5, requestId: 'r', traceId: 't' },
    };
    expect(code(context)).toEqual(context);
  });
});

describe('cut', () => {
  it('keeps 1,024 characters and no more', () => {
    expect(cutText('x'.repeat(1024), TEXT_LIMIT)).toBe('x'.repeat(1024));
    expect(Array.from(cutText('\u{1F600}'.repeat(1025), TEXT_LIMIT))).toHaveLength(1024);
  });
});
