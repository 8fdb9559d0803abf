// The CommonJS build under its names, for `import`: one copy of the code.
export { auditCollector, auditMiddleware, auditRouter, createAudit } from './index.js';
export type * from './index.js';
