import { route } from '../../../../lib/audit.js';

const headers = { 'content-type': 'text/css', 'cache-control': 'public, max-age=3600' };

export const GET = route(() => new Response('a {}', { headers }));
