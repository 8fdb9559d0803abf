// The CommonJS build under its names, for `import`: one copy of the code.
export { auditCollector, audited, auditPlugin, auditRoutes, exempt, sensitive } from './index.js';
export type * from './index.js';
