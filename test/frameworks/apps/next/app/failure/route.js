import { audit, route } from '../../lib/audit.js';

export const GET = route(async () => {
  await audit.event({ action: 'login.failed', outcome: 'failure' });
  return Response.json({}, { status: 401 });
});
