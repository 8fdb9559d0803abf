// The CommonJS build under its name, for `import`: its ledger is one of `express-audit-ledger`.
export { auditCollector } from './collector.js';
export type * from './collector.js';
