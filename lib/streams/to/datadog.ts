import type { Destination, Piece, Secret } from '../destination';
import { assertSecret, readOptions, readText, readUrl, under } from './address';
import { judgeStatus, unlessForeign } from './status';

/** Where Datadog takes logs. */
export interface DatadogOptions {
  apiKey: Secret;
  /** Such as `datadoghq.eu`; `datadoghq.com` when left out. */
  site?: string | undefined;
  /** `audit` when left out. */
  service?: string | undefined;
  /** Such as `env:production,team:security`. */
  tags?: string | undefined;
  /** In place of the address that follows from `site`: a proxy, or a test. */
  url?: string | undefined;
}

const KNOWN = ['apiKey', 'site', 'service', 'tags', 'url'];

/** Datadog drops logs with older times than 18 hours; half an hour is left for the way. */
const OLDEST = 17.5 * 3_600_000;

const SITE = /^[a-z0-9.-]+$/;

/**
 * Datadog's logs, version 2. An entry that is too old for it comes with the time of its arrival, and tells its own in
 * `occurredAt`.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function datadog(options: DatadogOptions): Destination {
  const url = readOptions('datadog', options, KNOWN, (given, complaints) => {
    assertSecret(given['apiKey'], complaints, 'apiKey');
    for (const name of ['service', 'tags']) readText(given[name], complaints, name);
    const { site = 'datadoghq.com' } = given;
    if (typeof site !== 'string' || !SITE.test(site))
      complaints.add('site', 'a name such as datadoghq.eu', site);
    return readUrl(given['url'] ?? `https://http-intake.logs.${String(site)}`, complaints);
  }) as URL;
  const { service = 'audit', tags } = options;
  return {
    kind: 'datadog',
    address: url.origin,
    format: 'native',
    limits: { entries: 1_000, bytes: 4_900_000, entryBytes: 990_000 },
    encode: ({ entry, key, body }) =>
      JSON.stringify({
        ddsource: 'express-audit-ledger',
        service,
        ...(tags !== undefined && { ddtags: tags }),
        message: `${entry.actorName ?? entry.actor}: ${entry.action}`,
        status: entry.outcome === 'success' ? 'info' : 'warn',
        key,
        tenantId: entry.tenantId,
        occurredAt: entry.occurredAt,
        seq: entry.seq,
        hash: entry.hash,
        prevHash: entry.prevHash,
        audit: body,
      }),
    async deliver(pieces, means) {
      const headers = {
        'dd-api-key': await means.reveal(options.apiKey),
        'content-type': 'application/json',
      };
      const now = means.now();
      const body = `[${pieces.map((piece) => dated(piece, now)).join(',')}]`;
      const answer = await means.post({
        url: await under(url, '/api/v2/logs', means),
        headers,
        body,
        gzip: true,
      });
      const judged = judgeStatus(answer, now);
      return answer.status === 202 ? judged : unlessForeign(judged, answer);
    },
  };
}

/** With the time of the event as that of the log, when it is sent: a piece may have waited for days. */
function dated({ text, entry }: Piece, now: number): string {
  const time = Date.parse(entry.occurredAt);
  return now - time > OLDEST ? text : `{"timestamp":${time},${text.slice(1)}`;
}
