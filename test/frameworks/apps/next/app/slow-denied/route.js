import { setTimeout as wait } from 'node:timers/promises';
import { unauthorized } from 'next/navigation';
import { route } from '../../lib/audit.js';

export const GET = route(async () => {
  await wait(300);
  unauthorized();
});
