import { Router } from 'express';
import type { AuditEvent } from 'express-audit-ledger';
import { requireAdmin, requireUser, userOf } from '../auth';
import { HttpError } from '../http-error';
import { roleIn, textIn } from '../input';
import type { Models, Role } from '../models';

function roleChange(id: string, before: Role, after: Role): AuditEvent {
  const resource = { id, type: 'user' };
  return { action: 'org.member.role_change', resource, before: { role: before }, after: { role: after } };
}

/** The people of the tenant. */
export function memberRoutes({ User, Invitation }: Models): Router {
  const router = Router();

  router.get('/', requireUser, async (req, res) => {
    const { tenantId } = userOf(req);
    const members = await User.find({ tenantId }).sort({ name: 1 });
    res.json(members.map(({ id, name, email, role }) => ({ id, name, email, role })));
  });

  router.post('/invitations', requireAdmin, async (req, res) => {
    const { tenantId } = userOf(req);
    const role = roleIn(req.body);
    const { id, email } = await Invitation.create({ tenantId, email: textIn(req.body, 'email'), role });
    // The id and not the address: entries stay for ever, and personal data should not.
    await req.audit({
      action: 'org.member.invite',
      resource: { id, type: 'invitation' },
      metadata: { role },
    });
    res.status(201).json({ id, email, role });
  });

  router.patch('/:id', requireAdmin, async (req, res, next) => {
    const { id: self, tenantId } = userOf(req);
    const { id } = req.params;
    const role = roleIn(req.body);
    if (id === self) throw new HttpError(409, 'Another admin must change your role.'); // one admin always stays
    // One transaction: there is no change without its event, and no event without its change.
    const before = await User.db.transaction(async (session) => {
      const options = { session, returnDocument: 'before' } as const;
      const user = await User.findOneAndUpdate({ _id: id, tenantId }, { role }, options);
      if (user) await req.audit(roleChange(id, user.role, role), { session });
      return user;
    });
    if (!before) return next();
    res.json({ id, role });
  });

  return router;
}
