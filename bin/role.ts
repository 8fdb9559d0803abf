import { type CollectionNames, collectionNames } from '../models/collections';
import { INDEXES } from '../models/indexes';
import { assertNoOperands, parseCollections, readArguments } from './arguments';
import { EXIT, type Outcome } from './exit-code';
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
};

/** `audit-ledger role`: the database roles, as commands for mongosh. */
export function role(args: string[]): Outcome {
  const { values, operands } = readArguments(args, {
    db: { type: 'string' },
    collections: { type: 'string' },
  });
  assertNoOperands(operands);
  const names = collectionNames(parseCollections(values.collections));
  process.stdout.write(safeLines(script(values.db, names)));
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

// For auditors: audit-ledger verify, the viewer, and nothing else.
${createRole('auditReader', AUDITOR, names)}

// The application's role may not create indexes. Without the first it does not write.
${INDEXES.map((index) => createIndex(index, names)).join('\n')}
audited.${names.outbox}.createIndex({ at: 1, _id: 1 });

// Then, beside the rights that the application needs for collections of its own:
// audited.grantRolesToUser('app', ['auditWriter']);
`;
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
