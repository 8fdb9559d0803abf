import type { WaitUntil } from './options';

interface RequestContext {
  waitUntil?: WaitUntil;
}

/** Where Next.js and Vercel put the context of the request that the caller serves. */
const HOLDERS = ['@next/request-context', '@vercel/request-context'];

/** Where OpenNext puts that of a worker on Cloudflare. */
const CLOUDFLARE = '__cloudflare-context__';

/** How the platform is told to wait for work behind a response; null where nothing tells. */
export function platformWaitUntil(): WaitUntil | null {
  for (const context of contexts())
    if (typeof context?.waitUntil === 'function') return (work) => context.waitUntil?.(work);
  return null;
}

function* contexts(): Iterable<RequestContext | undefined> {
  const holder = globalThis as Record<symbol, unknown>;
  for (const name of HOLDERS)
    yield (holder[Symbol.for(name)] as { get?(): RequestContext | undefined } | undefined)?.get?.();
  yield (holder[Symbol.for(CLOUDFLARE)] as { ctx?: RequestContext } | undefined)?.ctx;
}
