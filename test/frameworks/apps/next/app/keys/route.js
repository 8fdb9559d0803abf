import { audit, currentUser, route } from '../../lib/audit.js';

export const POST = route(async (request) => {
  const { tenantId } = await currentUser(request);
  return Response.json(
    await audit.keys.create({ name: 'service', scopes: ['write', 'read'], tenants: [tenantId] }),
  );
});
