import type { Connection } from 'mongoose';
import { VENDOR } from './auth';
import { type Role, usersOn } from './models';
import { hashPassword } from './passwords';

/** The password of all users below. */
export const DEMO_PASSWORD = 'correct-horse-battery';

const USERS: { _id: string; tenantId: string; email: string; name: string; role: Role }[] = [
  { _id: 'ada', tenantId: 'acme', email: 'ada@acme.example', name: 'Ada', role: 'admin' },
  { _id: 'alan', tenantId: 'acme', email: 'alan@acme.example', name: 'Alan', role: 'member' },
  { _id: 'grace', tenantId: 'globex', email: 'grace@globex.example', name: 'Grace', role: 'admin' },
  { _id: 'linus', tenantId: 'globex', email: 'linus@globex.example', name: 'Linus', role: 'member' },
  { _id: 'sam', tenantId: VENDOR, email: 'sam@vendor.example', name: 'Sam', role: 'member' },
];

const CONTACTS = ['acme', 'globex'].flatMap((tenantId) =>
  ['Mary', 'Tim', 'Barbara'].map((name) => {
    const email = `${name.toLowerCase()}@customer-of-${tenantId}.example`;
    return { _id: email, tenantId, name, email };
  }),
);

/** Two tenants with their users and contacts, and the vendor's support. What is there already stays as it is. */
export async function seed(connection: Connection): Promise<void> {
  const User = usersOn(connection);
  await User.init(); // the unique index on addresses
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  for (const user of USERS)
    await User.updateOne({ _id: user._id }, { $setOnInsert: { ...user, passwordHash } }, { upsert: true });
  // Nobody has done this: it passes by the model, which would record it.
  for (const { _id, ...contact } of CONTACTS)
    await connection
      .collection<{ _id: string }>('contacts')
      .updateOne({ _id }, { $setOnInsert: contact }, { upsert: true });
}
