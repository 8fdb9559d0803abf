// The CommonJS build under its name, for `import`: an `Audit` of here is one of `express-audit-ledger`.
export { checkDestination, createTestAudit } from './testing.js';
export type * from './testing.js';
