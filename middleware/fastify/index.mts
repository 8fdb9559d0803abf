// The CommonJS build under its names, for `import`: one copy of the code.
export { auditCollector, auditPlugin, auditRoutes } from './index.js';
export type * from './index.js';
