import { audit, route } from '../../../../../../../lib/audit.js';

export const GET = route(async () => {
  await audit.event({ action: 'thing.shown' });
  return Response.json({});
});
