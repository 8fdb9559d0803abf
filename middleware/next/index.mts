// The CommonJS build under its names, for `import`: one copy of the code, so one class of each.
export {
  auditCollector,
  AuditError,
  audited,
  auditRouter,
  closeBeforeExit,
  createAudit,
  isAuditError,
  toNextHandler,
  withAuditLedger,
} from './index.js';
export type * from './index.js';
