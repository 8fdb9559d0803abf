import { createHash, randomBytes } from 'node:crypto';
import { Router } from 'express';
import { requireAdmin, userOf } from '../auth';
import { textIn } from '../input';
import type { Models } from '../models';

/** Keys with which the tenant's own programs sign in. */
export function apiKeyRoutes({ ApiKey }: Models): Router {
  const router = Router();

  router.post('/', requireAdmin, async (req, res) => {
    const { tenantId } = userOf(req);
    const name = textIn(req.body, 'name');
    const prefix = `key_${randomBytes(4).toString('hex')}`;
    const secret = `${prefix}_${randomBytes(32).toString('base64url')}`;
    // Random enough that a fast hash is a safe one.
    const secretHash = createHash('sha256').update(secret).digest('hex');
    const { id } = await ApiKey.create({ tenantId, name, prefix, secretHash });
    // If this fails nobody ever sees the secret, and the key is of no use.
    await req.audit({
      action: 'org.api_key.create',
      resource: { id, type: 'api_key', name },
      metadata: { prefix },
    });
    res.status(201).set('Cache-Control', 'no-store').json({ id, name, prefix, secret });
  });

  return router;
}
