// The CommonJS build under its names, for `import`: one copy of the code, so one class of each.
export { diskSpool } from './client-spool.js';
export type * from './client-spool.js';
