import { secondRoute } from '../../../lib/audit.js';

export const GET = secondRoute(() => new Response(null, { status: 401 }));
