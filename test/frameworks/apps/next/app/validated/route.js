import { route } from '../../lib/audit.js';

export const POST = route(async (request) => {
  const { name } = await request.json();
  return Response.json({}, { status: typeof name === 'string' ? 200 : 400 });
});
