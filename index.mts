// The CommonJS build under its names, for `import`: one copy of the code, so one class of each.
export {
  AuditError,
  auditChanges,
  auditMiddleware,
  auditRouter,
  createAudit,
  isAuditError,
  verifyEvidence,
} from './index.js';
export type * from './index.js';
