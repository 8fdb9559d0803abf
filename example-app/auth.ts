import type { NextFunction, Request, RequestHandler } from 'express';
import { HttpError } from './http-error';
import type { Models, Role } from './models';

/** The tenant of those who run the application. */
export const VENDOR = 'vendor';

/** Who is signed in. The tenant is always this user's, never one that the request names. */
export interface SignedIn {
  id: string;
  tenantId: string;
  role: Role;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Express's own way to extend its request
  namespace Express {
    interface Request {
      // Its `id` and `tenantId` are also where the audit trail looks, without being told.
      user?: SignedIn | undefined;
    }
  }
}

/** Finds the session's user, on each request anew: a changed role counts at once. */
export function loadUser({ User }: Models): RequestHandler {
  return async (req, _res, next) => {
    const { userId } = req.session;
    if (userId !== undefined) req.user = (await User.findById(userId)) ?? undefined;
    next();
  };
}

/** @throws HttpError 401. */
export function userOf(req: Pick<Request, 'user'>): SignedIn {
  if (req.user) return req.user;
  throw new HttpError(401, 'Sign in first.');
}

/** Guards stand at each route and not at a mount: the trail then names the route that refused. */
export function requireUser(req: Pick<Request, 'user'>, _res: unknown, next: NextFunction): void {
  userOf(req);
  next();
}

export function requireAdmin(req: Pick<Request, 'user'>, _res: unknown, next: NextFunction): void {
  if (userOf(req).role !== 'admin') throw new HttpError(403, 'Only admins may do this.');
  next();
}

/** Whether somebody supports the tenants, and so may look at all of their trails. */
export function isSupport(user: SignedIn | undefined): boolean {
  return user?.tenantId === VENDOR;
}
