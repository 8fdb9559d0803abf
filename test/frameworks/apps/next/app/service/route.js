import { route } from '../../lib/audit.js';
import { callService } from '../../lib/service.js';

export const GET = route(async () => {
  await callService();
  return Response.json({});
});
