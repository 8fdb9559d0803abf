import { route } from '../../lib/audit.js';

export const POST = route(async (request) => {
  await request.json();
  return Response.json({}, { status: 403 });
});
