import { Router } from 'express';
import { isSupport, requireUser } from '../auth';
import { HttpError } from '../http-error';
import { textIn } from '../input';
import type { Models } from '../models';
import { isPassword } from '../passwords';
import { beginSession, endSession } from '../sessions';

/** Sign-in and sign-out. */
export function sessionRoutes({ User }: Models): Router {
  const router = Router();

  router.post('/sign-in', async (req, res) => {
    const email = textIn(req.body, 'email').toLowerCase();
    const password = textIn(req.body, 'password');
    const user = await User.findOne({ email }).select('+passwordHash');
    const matches = await isPassword(password, user?.passwordHash);
    if (!user || !matches) {
      // The tenant whose account was tried should know. Not awaited: there is nothing to hold back, and a longer wait
      // would tell which accounts exist. Without an account the middleware records the 401, in the ledger's own chain.
      if (user)
        void req.audit({
          action: 'auth.login',
          outcome: 'failure',
          tenantId: user.tenantId,
          actor: { id: 'anonymous', type: 'anonymous' },
          resource: { id: user.id, type: 'user' },
        });
      throw new HttpError(401, 'The email or the password is wrong.');
    }
    req.user = user;
    await req.audit({ action: 'auth.login' }); // before there is a session: no sign-in without its entry
    await beginSession(req, user.id);
    // The form of the start page: to a trail that the user may read.
    if (req.is('urlencoded')) return res.redirect(isSupport(user) ? 'support/audit/acme/' : 'audit/');
    res.json({ id: user.id, tenantId: user.tenantId, name: user.name, role: user.role });
  });

  router.post('/sign-out', requireUser, async (req, res) => {
    await req.audit({ action: 'auth.logout' });
    await endSession(req);
    res.sendStatus(204);
  });

  return router;
}
