import { route } from '../../lib/audit.js';

export const GET = route(() => {
  throw new Error('boom');
});
