import { audit, route } from '../../lib/audit.js';

export const GET = route(() => {
  setTimeout(() => {
    audit
      .event({ action: 'late' })
      .catch(({ code }) => audit.event({ tenantId: 'late', action: 'late.refused', metadata: { code } }));
  }, 50);
  return Response.json({});
});
