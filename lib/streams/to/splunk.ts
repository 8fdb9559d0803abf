import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { attempt } from '../../util/attempt';
import { isObject } from '../../util/complaints';
import type { Delivery, Destination, Means, PostAnswer, Secret } from '../destination';
import { assertSecret, readOptions, readText, readUrl, under } from './address';
import { describeAnswer, judgeStatus, retryAfter, unlessForeign } from './status';

/** Where Splunk's HTTP Event Collector is. */
export interface SplunkOptions {
  /** Such as `https://hec.example.com:8088`. */
  url: string;
  token: Secret;
  /** The index; the token's own when left out. */
  index?: string | undefined;
  /** `audit:ledger` when left out. */
  sourcetype?: string | undefined;
  source?: string | undefined;
  host?: string | undefined;
  /** Waits until the indexers have each event on disk (Splunk Enterprise; the token must have it on). */
  acknowledgement?: boolean | undefined;
}

const KNOWN = ['url', 'token', 'index', 'sourcetype', 'source', 'host', 'acknowledgement'];

/** Codes by which the collector says that it is busy or unwell: https://docs.splunk.com/Documentation/Splunk, "Possible error codes". */
const BUSY = new Set([8, 9, 18, 19, 20, 23, 24, 25, 26]);

/** Codes that speak of one event, at `invalid-event-number`: those before it are taken. */
const OF_ONE_EVENT = new Set([6, 12, 13, 15]);

/** Too large. */
const TOO_LARGE = 27;

/** How often it is asked whether events are indexed, in milliseconds. */
const ASK = 500;

/**
 * Splunk by its HTTP Event Collector. Each envelope has `seq` among its indexed fields, so that `tstats` finds gaps.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function splunk(options: SplunkOptions): Destination {
  const url = readOptions('splunk', options, KNOWN, (given, complaints) => {
    assertSecret(given['token'], complaints, 'token');
    for (const name of ['index', 'sourcetype', 'source', 'host']) readText(given[name], complaints, name);
    return readUrl(given['url'], complaints);
  }) as URL;
  const { sourcetype = 'audit:ledger', index, source, host } = options;
  const isAwaited = options.acknowledgement === true;
  const channel = randomUUID();
  const headersFor = async (means: Means) => ({
    authorization: `Splunk ${await means.reveal(options.token)}`,
    'content-type': 'application/json',
    ...(isAwaited && { 'x-splunk-request-channel': channel }),
  });
  return {
    kind: 'splunk',
    address: url.origin,
    format: 'native',
    limits: { entries: 1_000, bytes: 800_000, entryBytes: 750_000 },
    encode: ({ entry, key, body }) =>
      JSON.stringify({
        // Seconds with milliseconds, as a plain decimal.
        time: (Date.parse(entry.occurredAt) / 1000).toFixed(3),
        sourcetype,
        ...(index !== undefined && { index }),
        ...(source !== undefined && { source }),
        ...(host !== undefined && { host }),
        fields: { tenant: entry.tenantId, seq: String(entry.seq), entry: key },
        event: body,
      }),
    async deliver(pieces, means) {
      const headers = await headersFor(means);
      const [events, acks] = await Promise.all([
        under(url, '/services/collector/event', means),
        under(url, '/services/collector/ack', means),
      ]);
      // Envelopes one behind the other, not an array.
      const body = pieces.map(({ text }) => text).join('\n');
      const answer = await means.post({
        url: events,
        headers,
        body,
        gzip: true,
      });
      const judged = judge(answer, pieces.length, means.now());
      if (judged.result !== 'taken' || !isAwaited) return judged;
      const ackId = membersOf(answer)['ackId'];
      if (typeof ackId !== 'number')
        return { result: 'stop', reason: 'it acknowledges nothing: switch that on for the token' };
      return indexed(ackId, acks, headers, means);
    },
  };
}

function membersOf({ text }: PostAnswer): Record<string, unknown> {
  const told: unknown = attempt(() => JSON.parse(text) as unknown);
  return isObject(told) ? told : {};
}

function judge(answer: PostAnswer, count: number, now: number): Delivery {
  const { code, 'invalid-event-number': number } = membersOf(answer);
  const reason = describeAnswer(answer);
  if (typeof code !== 'number') return unlessForeign(judgeStatus(answer, now), answer);
  if (code === 0 && answer.status === 200) return { result: 'taken' };
  if (BUSY.has(code) || answer.status === 429 || answer.status >= 500)
    return { result: 'retry', reason, after: retryAfter(answer, now) };
  if (code === TOO_LARGE || answer.status === 413) return { result: 'split', reason };
  if (!OF_ONE_EVENT.has(code)) return { result: 'stop', reason };
  const index = Number.isInteger(number) ? Number(number) : -1;
  if (index < 0 || index >= count) return { result: 'split', reason };
  const rest = Array.from({ length: count - index - 1 }, (_, i) => index + 1 + i);
  return { result: 'taken', refused: [{ index, reason }], rest };
}

/** Asks until the indexers have written what was sent. The delivery's time ends it: then it is sent again. */
async function indexed(
  ackId: number,
  url: string,
  headers: Record<string, string>,
  means: Means,
): Promise<Delivery> {
  for (;;) {
    const answer = await means.post({ url, headers, body: JSON.stringify({ acks: [ackId] }) });
    const { acks } = membersOf(answer);
    if (answer.status !== 200 || !isObject(acks)) return asFailure(judge(answer, 0, means.now()), answer);
    if (acks[String(ackId)] === true) return { result: 'taken' };
    await wait(ASK, undefined, { signal: means.signal, ref: false });
  }
}

function asFailure(delivery: Delivery, answer: PostAnswer): Delivery {
  if (delivery.result === 'retry' || delivery.result === 'stop') return delivery;
  return { result: 'retry', reason: describeAnswer(answer) };
}
