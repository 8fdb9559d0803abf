// The CommonJS build under its names, for `import`: one copy of the code, so one class of each.
export { AuditClient, AuditError, createClient, isAuditError, isReceiptOf, pinCheckpoint } from './client.js';
export type * from './client.js';
