import { route } from '../../../lib/audit.js';

const headers = { 'cache-control': 'public, max-age=3600' };

export const GET = route(() => Response.json({}, { headers }));
