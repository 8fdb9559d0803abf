import { audit, route } from '../../lib/audit.js';

export const GET = route(async () =>
  Response.json(await audit.event({ action: 'thing.read', resource: 'r1' })),
);
