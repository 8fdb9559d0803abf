import { promisify } from 'node:util';
import { MongoStore } from 'connect-mongo';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import type { Connection } from 'mongoose';

declare module 'express-session' {
  interface SessionData {
    userId: string;
  }
}

const COOKIE = 'sid';
const HOUR = 60 * 60 * 1000;

/** Sessions in MongoDB, over the connection that the application has anyway. */
export function sessions(connection: Connection, secret: string): RequestHandler {
  const store = MongoStore.create({ client: connection.getClient(), dbName: connection.name });
  // It makes an index at once, and waits for it only when a request comes: which then sees why it failed.
  store.collectionP.catch(() => undefined);
  return session({
    name: COOKIE,
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: 8 * HOUR },
    store,
  });
}

/** Begins a new session under a new id: one that somebody planted before the sign-in is worth nothing. */
export async function beginSession(req: Request, userId: string): Promise<void> {
  await promisify(req.session.regenerate.bind(req.session))();
  req.session.userId = userId;
  await promisify(req.session.save.bind(req.session))();
}

/** Ends the session on the server and in the browser. */
export async function endSession(req: Request): Promise<void> {
  await promisify(req.session.destroy.bind(req.session))();
  req.res?.clearCookie(COOKIE);
}
