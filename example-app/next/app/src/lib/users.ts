/** Who may sign in here. Each customer sees a trail of its own. */
export interface User {
  id: string;
  name: string;
  tenantId: string;
  role: 'admin' | 'member';
}

export const USERS: readonly User[] = [
  { id: 'ada', name: 'Ada Lovelace', tenantId: 'acme', role: 'admin' },
  { id: 'bob', name: 'Bob Martin', tenantId: 'acme', role: 'member' },
  { id: 'zoe', name: 'Zoe Quinn', tenantId: 'globex', role: 'admin' },
];

/** The password of all of them: an application that is not an example asks its identity provider. */
export const DEMO_PASSWORD = 'correct-horse-battery';
