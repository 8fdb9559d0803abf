import { runInNewContext } from 'node:vm';
import { collectionNames } from '../../models/collections';
import { INDEXES } from '../../models/indexes';
import { runHere, runProgram } from './program';

const {
  entries: ENTRIES,
  outbox: OUTBOX,
  checkpoints: CHECKPOINTS,
  tiles: TILES,
  keys: KEYS,
  streams: STREAMS,
  removed: REMOVED,
} = collectionNames();

interface Role {
  role: string;
  privileges: { resource: { db: string; collection: string }; actions: string[] }[];
  roles: unknown[];
}

/** Runs a script as mongosh would, and gives what it asked of the database. */
function played(script: string, current: string) {
  const roles: Role[] = [];
  const indexes: [collection: string, key: object, ...options: object[]][] = [];
  const database = (name: string): object =>
    new Proxy(
      {
        getName: () => name,
        getSiblingDB: (other: string) => database(other),
        createRole: (role: Role) => roles.push(role),
      },
      {
        get: (known: Record<string, unknown>, member: string) =>
          known[member] ?? {
            createIndex: (key: object, options?: object) =>
              indexes.push([member, key, ...(options ? [options] : [])]),
          },
      },
    );
  runInNewContext(script, { db: database(current) });
  return { roles, indexes };
}

const rightsOf = ({ privileges }: Role) =>
  Object.fromEntries(privileges.map(({ resource, actions }) => [resource.collection, actions]));

it('prints roles that can add entries and read them, and neither change nor remove them, but for one', async () => {
  const { code, out } = await runProgram(['role', '--db', 'shop']);
  const [writer, reader, keeper, ...more] = played(out, 'test').roles;

  expect({ code, more }).toEqual({ code: 0, more: [] });
  expect(rightsOf(writer!)).toEqual({
    [ENTRIES]: ['find', 'insert', 'listIndexes', 'changeStream'],
    [CHECKPOINTS]: ['find', 'insert'],
    [TILES]: ['find', 'insert', 'update'],
    [OUTBOX]: ['find', 'insert', 'update', 'remove'],
    [KEYS]: ['find', 'insert', 'update'],
    [STREAMS]: ['find', 'insert', 'update', 'remove'],
  });
  expect(rightsOf(reader!)).toEqual({
    [ENTRIES]: ['find'],
    [CHECKPOINTS]: ['find'],
    [TILES]: ['find'],
    [STREAMS]: ['find'],
  });
  // `reopen`, which takes an intruder's entries out of a chain, and keeps them.
  expect(keeper!.role).toBe('auditKeeper');
  expect(rightsOf(keeper!)).toEqual({
    [ENTRIES]: ['find', 'insert', 'remove', 'listIndexes'],
    [REMOVED]: ['find', 'insert'],
    [CHECKPOINTS]: ['find', 'insert'],
    [TILES]: ['find', 'insert', 'update'],
    [OUTBOX]: ['find', 'insert', 'update', 'remove'],
  });
  expect([writer!.roles, reader!.roles, keeper!.roles]).toEqual([[], [], []]);
});

it('is about the database given, or the current one', async () => {
  const databases = async (args: string[]) =>
    played((await runHere(['role', ...args])).out, 'current').roles.flatMap(({ privileges }) =>
      privileges.map(({ resource }) => resource.db),
    );

  expect(new Set(await databases([]))).toEqual(new Set(['current']));
  expect(new Set(await databases(['--db', `a"b\u001b`]))).toEqual(new Set(['a"b\u001b']));
});

it('makes the indexes that the role may not make', async () => {
  const { indexes } = played((await runHere(['role'])).out, 'current');

  expect(indexes.filter(([collection]) => collection === ENTRIES)).toEqual(
    INDEXES.map(({ key, unique }) => [ENTRIES, key, ...(unique ? [{ unique }] : [])]),
  );
  expect(indexes.filter(([collection]) => collection === OUTBOX)).toEqual([
    [OUTBOX, { at: 1, _id: 1 }],
    [OUTBOX, { subject: 1 }, { sparse: true }],
  ]);
});

it('is about the collections of a prefix', async () => {
  const { out } = await runHere(['role', '--collections', 'trail']);
  const { roles, indexes } = played(out, 'shop');
  const names = roles.flatMap(({ privileges }) => privileges.map(({ resource }) => resource.collection));
  const named = [...names, ...indexes.map(([collection]) => collection)];
  expect(named.every((name) => name.startsWith('trail_'))).toBe(true);
  expect(out).not.toContain('audit_');
  const refused = await runHere(['role', '--collections', 'a.b']);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--collections must be') as string });
});

it('is granted to users of admin, where most are', async () => {
  const { out } = await runHere(['role', '--db', 'shop']);
  expect(out).toContain(
    "db.getSiblingDB('admin').grantRolesToUser('app', [{ role: 'auditWriter', db: name }]);",
  );
});

it('prints them for Atlas, with the same rights', async () => {
  const { out } = await runHere(['role', '--atlas', '--db', 'shop']);
  const lines = out.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [writer] = lines;
  expect(lines).toHaveLength(3);
  expect(writer).toMatch(/^atlas customDbRoles create auditWriter --privilege FIND@shop\.audit_entries,/);
  const { roles } = played((await runHere(['role', '--db', 'shop'])).out, 'shop');
  for (const [i, line] of lines.entries()) {
    const rights = roles[i]!.privileges.flatMap(({ resource: { db, collection }, actions }) =>
      actions.map((action) => `${action.replace(/[A-Z]/g, '_$&').toUpperCase()}@${db}.${collection}`),
    );
    expect(line.split(' ').at(-1)!.split(',')).toEqual(rights);
  }
  for (const args of [['--atlas'], ['--atlas', '--db', 'a; b']])
    expect(await runHere(['role', ...args])).toMatchObject({ code: 2 });
});
