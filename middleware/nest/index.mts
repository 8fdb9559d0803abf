// The CommonJS build under its names, for `import`: one copy of the code, so one token for each.
export { Audited, AuditModule, AuditService, createAudit, Exempt, Sensitive } from './index.js';
export type * from './index.js';
