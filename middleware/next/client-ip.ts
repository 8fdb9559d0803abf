import { isIP } from 'node:net';

/**
 * Where the client's address comes from. `next start` believes every `X-Forwarded-For`, so without a proxy that is known
 * there is none: the name of a header that the proxy itself sets on every request, how many proxies append to
 * `X-Forwarded-For`, or a function.
 */
export type ClientIp = string | { trustedHops: number } | ((headers: Headers) => string | null | undefined);

export const CLIENT_IP_RULE =
  'the name of a header that your proxy overwrites, such as "x-real-ip", or { trustedHops: 1 }, or a function of the headers';

/** Lists that proxies append to, so that their beginning is the client's own words. */
const LISTS = ['x-forwarded-for', 'forwarded'];

const HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

export function isClientIp(value: unknown): value is ClientIp {
  if (typeof value === 'string') return HEADER.test(value) && !LISTS.includes(value.toLowerCase());
  if (typeof value === 'function') return true;
  const isHops = typeof value === 'object' && value !== null && Object.keys(value).join() === 'trustedHops';
  const { trustedHops } = (value ?? {}) as { trustedHops?: unknown };
  return isHops && Number.isSafeInteger(trustedHops) && Number(trustedHops) > 0;
}

/** The address of the client; undefined where nobody vouches for one. */
export function clientAddress(clientIp: ClientIp | undefined, headers: Headers): string | undefined {
  if (clientIp === undefined) return undefined;
  if (typeof clientIp === 'function') return toAddress(clientIp(headers));
  if (typeof clientIp === 'string') return toAddress(headers.get(clientIp));
  const hops = headers.get('x-forwarded-for')?.split(',') ?? [];
  return toAddress(hops[hops.length - clientIp.trustedHops]);
}

/** Without the port and the brackets that some proxies add. */
function toAddress(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const given = text.trim();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(given)?.[1] ?? /^([\d.]+):\d+$/.exec(given)?.[1] ?? given;
  return isIP(bare) === 0 ? undefined : bare;
}
