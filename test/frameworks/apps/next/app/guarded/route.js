import { unauthorized } from 'next/navigation';
import { currentUser, route } from '../../lib/audit.js';

export const GET = route(async (request) => {
  if (!(await currentUser(request))) unauthorized();
  return Response.json({});
});
