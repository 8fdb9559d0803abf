import { NextResponse } from 'next/server';
import { audited } from 'express-audit-ledger/next';
import { audit, identify } from './lib/audit.js';

export const proxy = audited(
  async (request) => {
    if (request.nextUrl.pathname.includes('/kept-out')) return new NextResponse(null, { status: 403 });
    if (request.nextUrl.pathname.includes('/passed')) await audit.event({ action: 'proxy.passed' });
    return NextResponse.next();
  },
  { audit, identify },
);

export const config = { matcher: ['/kept-out', '/passed', '/stream.csv'] };
