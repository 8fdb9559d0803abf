export type {
  Delivery,
  DeliveryLimits,
  Destination,
  FormatName,
  FormattedEntry,
  Means,
  Piece,
  PostAnswer,
  PostRequest,
  Refused,
  Secret,
  TlsAddress,
} from './lib/streams/destination';
export type { ActionTable, Deed, Meaning, Subject } from './lib/streams/format/actions';
export { createFormat, type Format, type FormatOptions } from './lib/streams/format/format';
export type { UserClass } from './lib/streams/format/ocsf';
export type { StreamFilter } from './lib/streams/piece';
export type { StreamDescription, StreamList, StreamOptions } from './lib/streams/stream-options';
export type { ReplayOptions, SetAsideEntry, Streams, StreamStatus } from './lib/streams/streams';
export { datadog, type DatadogOptions } from './lib/streams/to/datadog';
export { elastic, type ElasticOptions } from './lib/streams/to/elastic';
export { elasticTemplate } from './lib/streams/to/elastic-template';
export { jsonl, type JsonlOptions } from './lib/streams/to/jsonl';
export { otlp, type OtlpOptions } from './lib/streams/to/otlp';
export { splunk, type SplunkOptions } from './lib/streams/to/splunk';
export { judgeStatus } from './lib/streams/to/status';
export { syslog, type SyslogOptions } from './lib/streams/to/syslog';
export { webhook, type WebhookOptions } from './lib/streams/to/webhook';
