import { route } from '../../lib/audit.js';

export const GET = route(() => Response.json({ ok: true }));
