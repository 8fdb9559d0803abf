import { route } from '../../lib/audit.js';

export const GET = route(() => new Response(null, { status: 429 }));
