/** What an action is done to. */
export const SUBJECTS = ['session', 'user', 'group', 'role', 'credential', 'data', 'log', 'other'] as const;

/** What an action does. */
export const DEEDS = [
  'create',
  'read',
  'update',
  'delete',
  'enable',
  'disable',
  'grant',
  'revoke',
  'add_member',
  'remove_member',
  'begin',
  'end',
  'export',
  'import',
  'deny',
  'other',
] as const;

export type Subject = (typeof SUBJECTS)[number];
export type Deed = (typeof DEEDS)[number];

/** What an action means, from which the classes of each format follow. */
export interface Meaning {
  on: Subject;
  does: Deed;
}

/** Meanings by the names of actions; a name that ends with `*` stands for all that begin so, one that begins with `*` for all that end so. */
export type ActionTable = Readonly<Record<string, Meaning>>;

const is = (on: Subject, does: Deed): Meaning => ({ on, does });

/** The package's own actions, those of its examples, and names that many applications use. The first that fits counts. */
const USUAL: ActionTable = {
  'auth.unauthorized_access': is('session', 'deny'),
  'security.rate_limited': is('session', 'deny'),
  'audit.export': is('log', 'export'),
  'audit.read': is('log', 'read'),
  'data.export': is('data', 'export'),
  'http.request': is('other', 'other'),
  'ledger.started': is('log', 'enable'),
  'ledger.stopped': is('log', 'disable'),
  'ledger.checkpoint': is('log', 'create'),
  'ledger.key.created': is('credential', 'create'),
  'ledger.key.revoked': is('credential', 'revoke'),
  'ledger.key.refused': is('session', 'deny'),
  'ledger.*': is('log', 'other'),
  'data.read': is('data', 'read'),
  'data.change': is('data', 'update'),
  'data.delete': is('data', 'delete'),
  '*.api_key.create': is('credential', 'create'),
  '*.api_key.delete': is('credential', 'delete'),
  '*.api_key.revoke': is('credential', 'revoke'),
  '*.token.create': is('credential', 'create'),
  '*.token.revoke': is('credential', 'revoke'),
  '*.password.change': is('credential', 'update'),
  '*.password.reset': is('credential', 'update'),
  '*.mfa.change': is('credential', 'update'),
  '*.mfa.enable': is('credential', 'enable'),
  '*.mfa.disable': is('credential', 'disable'),
  'auth.login': is('session', 'begin'),
  'auth.sign_in': is('session', 'begin'),
  'auth.logout': is('session', 'end'),
  'auth.sign_out': is('session', 'end'),
  '*.login': is('session', 'begin'),
  '*.logout': is('session', 'end'),
  '*.member.invite': is('group', 'add_member'),
  '*.member.invited': is('group', 'add_member'),
  '*.member.add': is('group', 'add_member'),
  '*.member.remove': is('group', 'remove_member'),
  '*.member.removed': is('group', 'remove_member'),
  'member.removed': is('group', 'remove_member'),
  '*.role_change': is('role', 'update'),
  '*.role.grant': is('role', 'grant'),
  '*.role.assign': is('role', 'grant'),
  '*.role.revoke': is('role', 'revoke'),
  '*.permission.grant': is('role', 'grant'),
  '*.permission.revoke': is('role', 'revoke'),
  'user.create': is('user', 'create'),
  'user.update': is('user', 'update'),
  'user.delete': is('user', 'delete'),
  '*.user.create': is('user', 'create'),
  '*.user.update': is('user', 'update'),
  '*.user.delete': is('user', 'delete'),
  '*.user.enable': is('user', 'enable'),
  '*.user.disable': is('user', 'disable'),
  '*.group.create': is('group', 'create'),
  '*.group.delete': is('group', 'delete'),
  '*.import': is('data', 'import'),
  '*.export': is('data', 'export'),
  '*.create': is('other', 'create'),
  '*.created': is('other', 'create'),
  '*.read': is('other', 'read'),
  '*.view': is('other', 'read'),
  '*.list': is('other', 'read'),
  '*.update': is('other', 'update'),
  '*.updated': is('other', 'update'),
  '*.change': is('other', 'update'),
  '*.delete': is('other', 'delete'),
  '*.deleted': is('other', 'delete'),
  '*.remove': is('other', 'delete'),
};

const UNKNOWN = is('other', 'other');

/** Names that are remembered: an application has few, but may make them of values. */
const REMEMBERED = 1_000;

/** Tells what actions mean: by the table that is given, then by the usual names. */
export function meanings(own: ActionTable = {}): (action: string) => Meaning {
  const rows = [...Object.entries(own), ...Object.entries(USUAL)];
  const known = new Map<string, Meaning>();
  return (action) => {
    const before = known.get(action);
    if (before) return before;
    const [, meaning = UNKNOWN] = rows.find(([pattern]) => fits(pattern, action)) ?? [];
    if (known.size < REMEMBERED) known.set(action, meaning);
    return meaning;
  };
}

function fits(pattern: string, action: string): boolean {
  if (pattern.endsWith('*')) return action.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith('*')) return action.endsWith(pattern.slice(1));
  return pattern === action;
}
