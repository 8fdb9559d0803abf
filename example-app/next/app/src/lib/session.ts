import { createHash, randomBytes } from 'node:crypto';
import { cookies } from 'next/headers';
import { Sessions } from './models';
import { type User, USERS } from './users';

const COOKIE = 'session';

/** Begins a session, whose token the browser has alone. */
export async function beginSession(user: User): Promise<void> {
  const token = randomBytes(32).toString('hex');
  await Sessions.create({ _id: hashOf(token), user: user.id, createdAt: new Date() });
  (await cookies()).set(COOKIE, token, { httpOnly: true, sameSite: 'strict', path: '/' });
}

export async function endSession(): Promise<void> {
  const jar = await cookies();
  await Sessions.deleteOne({ _id: hashOf(jar.get(COOKIE)?.value ?? '') });
  jar.delete(COOKIE);
}

/** Who is signed in, in an action or a page. */
export async function signedIn(): Promise<User | null> {
  return userOf((await cookies()).toString());
}

/** Who is signed in with these cookies. */
export async function userOf(header: string | null): Promise<User | null> {
  const token = /(?:^|; )session=(\w+)/.exec(header ?? '')?.[1];
  const session = token === undefined ? null : await Sessions.findById(hashOf(token)).lean();
  return USERS.find(({ id }) => id === session?.user) ?? null;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
