import { route } from '../../../../lib/audit.js';

const text = 'x'.repeat(20_000);

export const GET = route(() => new Response(text, { headers: { 'content-type': 'text/csv' } }));
