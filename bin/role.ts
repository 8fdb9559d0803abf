import { type CollectionNames, collectionNames } from '../models/collections';
import { INDEXES } from '../models/indexes';
import { assertNoOperands, parseCollections, readArguments } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { UsageError } from './failure';
import { safeLines } from './safe-text';

/** What a process may do with each collection. */
type Rights = Partial<Record<keyof CollectionNames, readonly string[]>>;

/** Entries can be added, not changed. The other collections are no evidence by themselves. */
const WRITER: Rights = {
  // Not createIndex: who may create one may also create one that deletes by time.
  // changeStream, which reads: streams hear of what other processes record.
  entries: ['find', 'insert', 'listIndexes', 'changeStream'],
  checkpoints: ['find', 'insert'],
  // Derived from the entries, and made anew when they are missing.
  tiles: ['find', 'insert', 'update'],
  // Events wait here until they are linked, and processes take turns.
  outbox: ['find', 'insert', 'update', 'remove'],
  // The digests of API keys. A key is revoked, never removed.
  keys: ['find', 'insert', 'update'],
  // How far streams to other systems are: who loses it delivers again.
  streams: ['find', 'insert', 'update', 'remove'],
};

const AUDITOR: Rights = {
  entries: ['find'],
  checkpoints: ['find'],
  tiles: ['find'],
  // What a tenant sees of its own streams.
  streams: ['find'],
};

/** Whoever opens a chain again takes what does not belong to it out of it, and keeps that aside. */
const KEEPER: Rights = {
  entries: ['find', 'insert', 'remove', 'listIndexes'],
  removed: ['find', 'insert'],
  checkpoints: ['find', 'insert'],
  tiles: ['find', 'insert', 'update'],
  outbox: ['find', 'insert', 'update', 'remove'],
};

const FOR_KEEPER =
  'For audit-ledger reopen alone, after an intruder or a restore: not for the application, which must not remove entries.';

/** `audit-ledger role`: the database roles, as commands for mongosh. */
export function role(args: string[]): Outcome {
  const { values, operands } = readArguments(args, {
    db: { type: 'string' },
    collections: { type: 'string' },
    atlas: { type: 'boolean' },
  });
  assertNoOperands(operands);
  const names = collectionNames(parseCollections(values.collections));
  const text = values.atlas ? atlasScript(values.db, names) : script(values.db, names);
  process.stdout.write(safeLines(text));
  return EXIT.ok;
}

function script(db: string | undefined, names: CollectionNames): string {
  const database = db === undefined ? 'db' : `db.getSiblingDB(${JSON.stringify(db)})`;
  return `// For mongosh, as a user who may create roles and indexes. Roles add up: a user who also has readWrite on the
// database is not bound by them.
const audited = ${database};
const name = audited.getName();

// For the application: it adds entries, and can neither change nor remove them.
${createRole('auditWriter', WRITER, names)}

// For auditors: audit-ledger verify, and the router of a ledger that is made with readOnly.
${createRole('auditReader', AUDITOR, names)}

// ${FOR_KEEPER}
${createRole('auditKeeper', KEEPER, names)}

// The application's role may not create indexes. Without the first it does not write.
${INDEXES.map((index) => createIndex(index, names)).join('\n')}
audited.${names.outbox}.createIndex({ at: 1, _id: 1 });
audited.${names.outbox}.createIndex({ subject: 1 }, { sparse: true });

// Then, beside the rights that the application needs for collections of its own. Most users are in admin:
// db.getSiblingDB('admin').grantRolesToUser('app', [{ role: 'auditWriter', db: name }]);
`;
}

/** What names a database in a shell without quotes. */
const PLAIN = /^[\w-]+$/;

/** Atlas has its roles by its command line, not by createRole. */
function atlasScript(db: string | undefined, names: CollectionNames): string {
  if (db === undefined || !PLAIN.test(db))
    throw new UsageError('--atlas needs --db, of letters, digits, _ and -: its roles name the database');
  return `# For a shell with the Atlas CLI. Roles add up: a user who also has readWrite on the database is not bound by them.
# For the application: it adds entries, and can neither change nor remove them.
${createAtlasRole('auditWriter', WRITER, db, names)}

# For auditors: audit-ledger verify, and the router of a ledger that is made with readOnly.
${createAtlasRole('auditReader', AUDITOR, db, names)}

# ${FOR_KEEPER}
${createAtlasRole('auditKeeper', KEEPER, db, names)}

# The application's role may not create indexes. Without the first it does not write. For mongosh, as another user:
# const audited = db.getSiblingDB('${db}');
${INDEXES.map((index) => `# ${createIndex(index, names)}`).join('\n')}
# audited.${names.outbox}.createIndex({ at: 1, _id: 1 });

# Then, beside the role that the application needs for collections of its own:
# atlas dbusers update app --role auditWriter@admin,...
`;
}

function createAtlasRole(name: string, rights: Rights, db: string, names: CollectionNames): string {
  const privileges = Object.entries(rights).flatMap(([collection, actions]) => {
    const named = names[collection as keyof CollectionNames];
    return actions.map((action) => `${toAtlasAction(action)}@${db}.${named}`);
  });
  return `atlas customDbRoles create ${name} --privilege ${privileges.join(',')}`;
}

/** `listIndexes` is `LIST_INDEXES` there. */
function toAtlasAction(action: string): string {
  return action.replace(/[A-Z]/g, '_$&').toUpperCase();
}

function createRole(name: string, rights: Rights, names: CollectionNames): string {
  const privileges = Object.entries(rights).map(([collection, actions]) => {
    const listed = actions.map((action) => `'${action}'`).join(', ');
    const named = names[collection as keyof CollectionNames];
    return `    { resource: { db: name, collection: '${named}' }, actions: [${listed}] },`;
  });
  return [
    'audited.createRole({',
    `  role: '${name}',`,
    '  privileges: [',
    ...privileges,
    '  ],',
    '  roles: [],',
    '});',
  ].join('\n');
}

function createIndex({ key, unique }: (typeof INDEXES)[number], { entries }: CollectionNames): string {
  const members = Object.keys(key).map((member) => `${member}: 1`);
  return `audited.${entries}.createIndex({ ${members.join(', ')} }${unique ? ', { unique: true }' : ''});`;
}
