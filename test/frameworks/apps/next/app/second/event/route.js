import { second, secondRoute } from '../../../lib/audit.js';

export const GET = secondRoute(async () => Response.json(await second.event({ action: 'thing.read' })));
