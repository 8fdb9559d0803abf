import { route } from '../../lib/audit.js';
import { addJob } from '../../lib/queue.js';

export const GET = route(() => {
  addJob('queue.ran');
  return Response.json({}, { status: 202 });
});
