// The CommonJS build under its names, for `import`.
export {
  createFormat,
  datadog,
  elastic,
  elasticTemplate,
  jsonl,
  judgeStatus,
  otlp,
  splunk,
  syslog,
  webhook,
} from './streams.js';
export type * from './streams.js';
