import { attempt } from '../../util/attempt';
import { isObject } from '../../util/complaints';
import type { Delivery, Destination, Means, Refused, Secret } from '../destination';
import { assertSecret, readOptions, readUrl, under } from './address';
import { describeAnswer, judgeStatus } from './status';

/** Where Elasticsearch or OpenSearch is. */
export interface ElasticOptions {
  /** Such as `https://es.example.com:9200`. */
  url: string;
  /** The data stream; `logs-audit.ledger-default` when left out. */
  dataStream?: string | undefined;
  /** An API key (Elasticsearch), which needs the privilege `create_doc` alone. */
  apiKey?: Secret | undefined;
  /** A user and its password (OpenSearch, Elasticsearch). */
  username?: string | undefined;
  password?: Secret | undefined;
}

const KNOWN = ['url', 'dataStream', 'apiKey', 'username', 'password'];

export const DATA_STREAM = 'logs-audit.ledger-default';

const NAME = /^[a-z0-9][a-z0-9_.-]{0,200}$/;

/** What of the answer is asked for: more of it tells nothing. */
const ANSWER = 'filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason';

/**
 * A data stream of Elasticsearch or OpenSearch, by `_bulk` with `create`: a document that is there already counts as taken.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function elastic(options: ElasticOptions): Destination {
  const url = readOptions('elastic', options, KNOWN, (given, complaints) => {
    const { apiKey, username, password, dataStream } = given;
    if (apiKey !== undefined) assertSecret(apiKey, complaints, 'apiKey');
    if (password !== undefined) assertSecret(password, complaints, 'password');
    if ((username === undefined) !== (password === undefined))
      complaints.missing(username === undefined ? 'username' : 'password', 'give both, or an `apiKey`');
    if (username !== undefined && typeof username !== 'string')
      complaints.add('username', 'a string', username);
    if (dataStream !== undefined && !(typeof dataStream === 'string' && NAME.test(dataStream)))
      complaints.add('dataStream', 'the name of a data stream', dataStream);
    return readUrl(given['url'], complaints);
  }) as URL;
  const { dataStream = DATA_STREAM } = options;
  return {
    kind: 'elastic',
    address: url.origin,
    format: 'ecs',
    limits: { entries: 1_000, bytes: 5_000_000 },
    encode: ({ entry, key, body }) => {
      // A data stream refuses documents without it.
      const document = '@timestamp' in body ? body : { '@timestamp': entry.occurredAt, ...body };
      return `${JSON.stringify({ create: { _id: key } })}\n${JSON.stringify(document)}\n`;
    },
    async deliver(pieces, means) {
      const body = pieces.map(({ text }) => text).join('');
      const headers = { 'content-type': 'application/x-ndjson', ...(await authorize(options, means)) };
      const address = `${await under(url, `/${dataStream}/_bulk`, means)}${url.search ? '&' : '?'}${ANSWER}`;
      const answer = await means.post({ url: address, headers, body, gzip: true });
      if (answer.status !== 200) return judgeStatus(answer, means.now());
      const told: unknown = attempt(() => JSON.parse(answer.text) as unknown);
      if (!isObject(told)) return { result: 'retry', reason: describeAnswer(answer) };
      return judgeItems(told, pieces.length);
    },
  };
}

async function authorize(
  { apiKey, username, password }: ElasticOptions,
  means: Means,
): Promise<Record<string, string>> {
  if (apiKey !== undefined) return { authorization: `ApiKey ${await means.reveal(apiKey)}` };
  if (username === undefined || password === undefined) return {};
  const pair = Buffer.from(`${username}:${await means.reveal(password)}`).toString('base64');
  return { authorization: `Basic ${await means.reveal(pair)}` };
}

/** An answer 200 tells of each item by itself. */
function judgeItems({ errors, items }: Record<string, unknown>, count: number): Delivery {
  if (errors === false) return { result: 'taken' };
  if (!Array.isArray(items) || items.length !== count)
    return { result: 'retry', reason: 'it did not tell what became of each document' };
  const refused: Refused[] = [];
  const rest: number[] = [];
  let [again, stop] = ['', ''];
  for (const [index, item] of (items as unknown[]).entries()) {
    const { status, reason } = readItem(item);
    if ((status >= 200 && status < 300) || status === 409) continue;
    if (status === 429 || status >= 500) {
      rest.push(index);
      again = reason;
    } else if (status === 401 || status === 403 || status === 404) stop = reason;
    else refused.push({ index, reason });
  }
  // What is there already counts as taken when all is sent again.
  if (stop !== '') return { result: 'stop', reason: stop };
  return again === '' ? { result: 'taken', refused } : { result: 'retry', reason: again, refused, rest };
}

function readItem(item: unknown): { status: number; reason: string } {
  const created = isObject(item) ? item['create'] : undefined;
  const { status, error } = isObject(created) ? created : {};
  const { type = 'error', reason = '' } = isObject(error) ? error : {};
  return { status: Number(status) || 500, reason: `${String(status)} ${String(type)}: ${String(reason)}` };
}
