import { cookies } from 'next/headers';
import { NextResponse } from 'next/server';
import { audited } from 'express-audit-ledger/next';
import { audit, identify } from '../../lib/audit.js';

export const GET = audited(
  async (request) => {
    const { pathname } = request.nextUrl;
    (await cookies()).set('a', '1');
    const response = NextResponse.json({ pathname });
    response.cookies.set('b', '2');
    return response;
  },
  { audit, identify },
);
