import { INDEXES } from '../models/indexes';
import { assertNoOperands, readArguments } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { safeLines } from './safe-text';

/** What a process may do with each collection. */
type Rights = Record<string, readonly string[]>;

/** Entries can be added, not changed. The other collections are no evidence by themselves. */
const WRITER: Rights = {
  // Not createIndex: who may create one may also create one that deletes by time.
  audit_entries: ['find', 'insert', 'listIndexes'],
  audit_checkpoints: ['find', 'insert'],
  // Derived from the entries, and made anew when they are missing.
  audit_tiles: ['find', 'insert', 'update'],
  // Events wait here until they are linked, and processes take turns.
  audit_outbox: ['find', 'insert', 'update', 'remove'],
};

const AUDITOR: Rights = {
  audit_entries: ['find'],
  audit_checkpoints: ['find'],
  audit_tiles: ['find'],
};

/** `audit-ledger role`: the database roles, as commands for mongosh. */
export function role(args: string[]): Outcome {
  const { values, operands } = readArguments(args, { db: { type: 'string' } });
  assertNoOperands(operands);
  process.stdout.write(safeLines(script(values.db)));
  return EXIT.ok;
}

function script(db: string | undefined): string {
  const database = db === undefined ? 'db' : `db.getSiblingDB(${JSON.stringify(db)})`;
  return `// For mongosh, as a user who may create roles and indexes. Roles add up: a user who also has readWrite on the
// database is not bound by them.
const audited = ${database};
const name = audited.getName();

// For the application: it adds entries, and can neither change nor remove them.
${createRole('auditWriter', WRITER)}

// For auditors: audit-ledger verify, the viewer, and nothing else.
${createRole('auditReader', AUDITOR)}

// The application's role may not create indexes. Without the first it does not write.
${INDEXES.map(createIndex).join('\n')}
audited.audit_outbox.createIndex({ at: 1, _id: 1 });

// Then, beside the rights that the application needs for collections of its own:
// audited.grantRolesToUser('app', ['auditWriter']);
`;
}

function createRole(name: string, rights: Rights): string {
  const privileges = Object.entries(rights).map(([collection, actions]) => {
    const names = actions.map((action) => `'${action}'`).join(', ');
    return `    { resource: { db: name, collection: '${collection}' }, actions: [${names}] },`;
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

function createIndex({ key, unique }: (typeof INDEXES)[number]): string {
  const members = Object.keys(key).map((member) => `${member}: 1`);
  return `audited.audit_entries.createIndex({ ${members.join(', ')} }${unique ? ', { unique: true }' : ''});`;
}
