import { createClient } from 'express-audit-ledger/client';
import { NextResponse, type NextFetchEvent, type NextRequest } from 'next/server';

// On Edge there is no database driver: events go to the collector, by AUDIT_LEDGER_URL and AUDIT_LEDGER_API_KEY.
const audit = createClient({ defaultTenant: 'site' });

/** Refuses what nobody may ask for who has not signed in, before it gets to the application. */
export function middleware(request: NextRequest, event: NextFetchEvent) {
  if (request.cookies.has('session')) return NextResponse.next();
  event.waitUntil(
    audit.event({
      action: 'auth.unauthorized_access',
      outcome: 'denied',
      actor: { id: 'anonymous', type: 'anonymous' },
      context: { method: request.method, path: request.nextUrl.pathname, statusCode: 401 },
    }),
  );
  return new NextResponse('Sign in first.', { status: 401 });
}

export const config = { matcher: ['/members.csv'] };
