import { forbidden } from 'next/navigation';
import { route } from '../../lib/audit.js';

export const GET = route(async () => {
  await null;
  forbidden();
});
