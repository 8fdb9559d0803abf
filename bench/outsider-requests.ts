/** A request of an outsider. */
export interface OutsidersRequest {
  method?: 'POST';
  path: string;
  headers: Record<string, string>;
}

/** One kind of request that is refused: the n-th of them. */
export interface RefusedKind {
  name: string;
  /** Answered by an application without a ledger. */
  isBare?: boolean;
  request: (n: number) => OutsidersRequest;
}

const address = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const KEY = `alk_aaaaaaaaaaaa_${'x'.repeat(49)}`;

function kind(
  name: string,
  path: string,
  headers: (n: number) => Record<string, string> = () => ({}),
  rest: Partial<RefusedKind> & { method?: 'POST' } = {},
): RefusedKind {
  const { method, ...more } = rest;
  const request = (n: number): OutsidersRequest => ({
    path,
    headers: { host: 'acme', 'x-forwarded-for': address(n), 'user-agent': 'x'.repeat(200), ...headers(n) },
    ...(method && { method }),
  });
  return { name, request, ...more };
}

/** Each way in which this package refuses a request, behind what an application's own refusal costs. */
export const REFUSALS: readonly RefusedKind[] = [
  kind('401 by an application without a ledger', '/orders/7', undefined, { isBare: true }),
  kind('404 by an application without a ledger', '/missing', undefined, { isBare: true }),
  kind('404, which is not captured', '/missing'),
  kind('401, one client', '/orders/7', () => ({ 'x-forwarded-for': '10.0.0.1' })),
  kind('401, made-up addresses', '/orders/7'),
  kind('401, made-up actors', '/orders/7', (n) => ({ 'x-user': `user-${n}` })),
  kind('401, made-up hosts', '/orders/7', (n) => ({ host: `host-${n}` })),
  kind('trail: 401, nobody', '/audit/entries?actor=ceo'),
  kind('trail: 403, no permission', '/audit/export?actor=ceo', (n) => ({ 'x-user': `user-${n}` })),
  kind('trail: 401, its page', '/audit/'),
  kind('trail: 403, cross-site', '/audit/export', () => ({ 'sec-fetch-site': 'cross-site' })),
  kind('trail: 400, a wrong parameter', '/audit/entries?limit=x', () => ({ 'x-user': 'auditor' })),
  kind('trail: 404, no such page', '/audit/nothing'),
  kind('trail: 405', '/audit/entries', undefined, { method: 'POST' }),
  kind('trail: 429, too many exports', '/audit/export', () => ({ 'x-user': 'auditor' })),
  kind('collector: 401, no key', '/collector/keys/me'),
  kind('collector: 401, a wrong key', '/collector/keys/me', () => ({ authorization: `Bearer ${KEY}` })),
];

const ATTACKED = [
  '/audit/',
  '/audit/entries?actor=ceo',
  '/audit/entries/x',
  '/audit/export?actor=ceo',
  '/audit/verify',
  '/audit/histogram?buckets=200',
  '/audit/stream',
  '/audit/session',
  '/audit/nothing',
  '/collector/keys/me',
  '/orders/7',
  '/report.csv?format=export',
];

/** The n-th request of an outsider who tries everything. */
export function anyRequest(n: number): OutsidersRequest {
  return {
    path: ATTACKED[n % ATTACKED.length] as string,
    headers: {
      host: n % 4 === 0 ? 'acme' : `host-${n % 40_000}`,
      'x-forwarded-for': address(n),
      'user-agent': 'x'.repeat(n % 4_000),
      ...(n % 3 === 0 && { 'x-user': `user-${n}` }),
    },
  };
}
