import type { Request, RequestHandler } from 'express';
import session from 'express-session';

/** Who signs in by which password. Of `eve` no session can be made. */
const IDS: Record<string, string> = { right: 'ada', unkept: 'eve' };

interface User {
  id: string;
}

interface Passport {
  use(strategy: object): void;
  initialize(): RequestHandler;
  serializeUser(call: (user: User, done: (error: Error | null, id: string) => void) => void): void;
}

/** Passport with a strategy `local`, and what comes before a sign-in by it. */
export function passportFor(tenantId: string): RequestHandler[] {
  const strategy = {
    name: 'local',
    authenticate(this: { success(user: object): void; fail(info: object): void }, req: Request) {
      const id = IDS[(req.body as { password: string }).password];
      if (id === undefined) this.fail({ tenantId });
      else this.success({ id, tenantId });
    },
  };
  const passport = jest.requireActual<Passport>('passport');
  passport.use(strategy);
  passport.serializeUser(({ id }, done) => done(id === 'eve' ? new Error('no session') : null, id));
  const sessions = session({ secret: 'a secret for tests', resave: false, saveUninitialized: false });
  return [sessions, passport.initialize()];
}
