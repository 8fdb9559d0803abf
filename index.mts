// The CommonJS build under its names, for `import`: one copy of the code, so one class of each.
export {
  AuditError,
  auditChanges,
  auditCoverage,
  audited,
  auditMiddleware,
  auditRouter,
  commonActions,
  compareWithStandards,
  createAudit,
  defineActions,
  exempt,
  isAuditError,
  sensitive,
  verifyEvidence,
} from './index.js';
export type * from './index.js';
