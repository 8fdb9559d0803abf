import { after } from 'next/server';
import { audit, route } from '../../lib/audit.js';

export const GET = route(() => {
  after(async () => {
    await audit.event({ action: 'after.ran' });
  });
  return Response.json({});
});
