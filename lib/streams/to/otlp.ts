import type { Entry } from '../../chain/entry';
import type { Json } from '../../chain/json';
import { attempt } from '../../util/attempt';
import { isObject } from '../../util/complaints';
import { VERSION } from '../../version';
import { messageOf } from '../format/compact';
import type { Delivery, Destination, PostAnswer, Secret } from '../destination';
import { assertSecret, readOptions, readUrl, under } from './address';
import { judgeStatus, unlessForeign } from './status';

/** Where OpenTelemetry logs are taken by HTTP. */
export interface OtlpOptions {
  /** Such as `http://collector:4318`; `/v1/logs` is added. */
  url: string;
  /** Headers by name, such as `authorization`; their values are secrets. */
  headers?: Readonly<Record<string, Secret>> | undefined;
  /** `audit` when left out. */
  serviceName?: string | undefined;
}

const KNOWN = ['url', 'headers', 'serviceName'];

/** OpenTelemetry's severities: INFO, ERROR, WARN. */
const SEVERITIES = {
  success: [9, 'INFO'],
  failure: [17, 'ERROR'],
  denied: [13, 'WARN'],
} as const satisfies Record<Entry['outcome'], readonly [number, string]>;

const TRACE = /^[0-9a-f]{32}$/;

/**
 * OpenTelemetry's logs over HTTP, as JSON. `log.record.uid` names the entry.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function otlp(options: OtlpOptions): Destination {
  const url = readOptions('otlp', options, KNOWN, (given, complaints) => {
    const { headers = {}, serviceName } = given;
    if (!isObject(headers)) complaints.add('headers', 'an object', headers);
    else
      for (const [name, value] of Object.entries(headers)) assertSecret(value, complaints, `headers.${name}`);
    if (serviceName !== undefined && typeof serviceName !== 'string')
      complaints.add('serviceName', 'a string', serviceName);
    return readUrl(given['url'], complaints);
  }) as URL;
  const { serviceName = 'audit', headers: secrets = {} } = options;
  const before = JSON.stringify({ attributes: [attribute('service.name', serviceName)] });
  const scope = JSON.stringify({ name: 'express-audit-ledger', version: VERSION });
  return {
    kind: 'otlp',
    address: url.origin,
    format: 'native',
    limits: { entries: 1_000, bytes: 3_500_000 },
    encode: ({ entry, key, body }) => JSON.stringify(toRecord(entry, key, body)),
    async deliver(pieces, means) {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      for (const [name, secret] of Object.entries(secrets)) headers[name] = await means.reveal(secret);
      const records = pieces.map(({ text }) => text).join(',');
      const body = `{"resourceLogs":[{"resource":${before},"scopeLogs":[{"scope":${scope},"logRecords":[${records}]}]}]}`;
      const address = await under(url, '/v1/logs', means);
      return judge(await means.post({ url: address, headers, body, gzip: true }), means.now());
    },
  };
}

function toRecord(entry: Entry, key: string, body: Record<string, Json>): object {
  const [severityNumber, severityText] = SEVERITIES[entry.outcome];
  const traceId = entry.context?.['traceId'];
  const attributes = {
    'log.record.uid': key,
    'audit.tenant': entry.tenantId,
    'audit.seq': entry.seq,
    'audit.hash': entry.hash,
    'audit.prev_hash': entry.prevHash,
    'audit.outcome': entry.outcome,
    'audit.entry': JSON.stringify(body),
    'enduser.id': entry.actor,
  };
  return {
    timeUnixNano: nanoseconds(entry.occurredAt),
    observedTimeUnixNano: nanoseconds(entry.recordedAt),
    severityNumber,
    severityText,
    eventName: entry.action,
    body: { stringValue: messageOf(entry) },
    attributes: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(typeof traceId === 'string' && TRACE.test(traceId) && { traceId }),
  };
}

/** Numbers of 64 bits are texts in the JSON of protocol buffers. */
function attribute(key: string, value: string | number): object {
  return { key, value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) } };
}

function nanoseconds(instant: string): string {
  return `${BigInt(Date.parse(instant)) * 1_000_000n}`;
}

/**
 * A partial success does not say which records were refused: halves find them. The collector gets others twice, under the
 * same `log.record.uid`.
 */
function judge(answer: PostAnswer, now: number): Delivery {
  const told: unknown = attempt(() => JSON.parse(answer.text) as unknown);
  const partial = isObject(told) ? told['partialSuccess'] : undefined;
  const { rejectedLogRecords = 0, errorMessage = '' } = isObject(partial) ? partial : {};
  if (answer.status === 200 && Number(rejectedLogRecords) > 0)
    return {
      result: 'split',
      reason: `it rejected ${Number(rejectedLogRecords)} records: ${String(errorMessage)}`,
    };
  const judged = judgeStatus(answer, now);
  return isObject(told) || answer.text === '' ? judged : unlessForeign(judged, answer);
}
