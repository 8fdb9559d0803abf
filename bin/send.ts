import { createInterface } from 'node:readline';
import type { Receipt } from '../lib/chain/entry';
import { type AuditClient, createClient } from '../lib/client/client';
import { AuditError } from '../lib/errors';
import type { AuditEvent } from '../lib/event/event';
import { assertNoOperands, readArguments, type Values } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { asUsageError, describeReason, UsageError } from './failure';
import { readText } from './key-files';
import { note, printJson } from './out';

const OPTIONS = {
  url: { type: 'string' },
  'key-file': { type: 'string' },
  tenant: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Events that are under way at a time: the client takes 10,000. */
const WINDOW = 4_000;

const DEFAULT_TIMEOUT = '30';

/** What became of a line. */
type Sent = { line: number; receipt: Receipt } | { line: number; error: unknown };

/**
 * `audit-ledger send`: records the events of standard input, a JSON object a line, through a collector. What is wrong with one
 * is told, and keeps no other back.
 */
export async function send(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const client = clientFor(values);
  client.on('error', () => undefined); // each is told with its line
  const counts = { recorded: 0, refused: 0 };
  for await (const sent of sentLines(client)) {
    if ('receipt' in sent) counts.recorded++;
    else counts.refused++;
    tell(sent, values.json === true);
  }
  await client.close();
  note(`${counts.recorded} recorded, ${counts.refused} not.`);
  return counts.refused === 0 ? EXIT.ok : EXIT.unchecked;
}

/** The key is no option: all users of a machine can see command lines. */
function clientFor({
  url,
  tenant,
  timeout = DEFAULT_TIMEOUT,
  'key-file': keyFile,
}: Values<typeof OPTIONS>): AuditClient {
  if (!/^\d{1,6}$/.test(timeout) || Number(timeout) === 0)
    throw new UsageError('--timeout must be a whole number of seconds from 1');
  const apiKey = keyFile === undefined ? undefined : readText(keyFile, 'The key').trim();
  try {
    return createClient({ url, apiKey, defaultTenant: tenant, timeoutMs: Number(timeout) * 1_000 });
  } catch (error) {
    throw asUsageError(error);
  }
}

/** What became of each line, in their order. Of lines that are read while the collector is slow, there are few. */
async function* sentLines(client: AuditClient): AsyncGenerator<Sent> {
  const underWay: Promise<Sent>[] = [];
  let line = 0;
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    if (underWay.length >= WINDOW) yield (await underWay.shift()) as Sent;
    underWay.push(sendLine(client, line, text));
  }
  for (const sent of underWay) yield await sent;
}

async function sendLine(client: AuditClient, line: number, text: string): Promise<Sent> {
  try {
    return { line, receipt: await client.event(parsed(text)) };
  } catch (error) {
    return { line, error };
  }
}

function parsed(text: string): AuditEvent {
  try {
    return JSON.parse(text) as AuditEvent;
  } catch {
    throw new AuditError('INVALID_EVENT', 'The line is not JSON.'); // without what it is: it may hold a secret
  }
}

function tell(sent: Sent, json: boolean): void {
  if ('receipt' in sent) return json ? printJson(sent) : undefined;
  const { line, error } = sent;
  const detail = describeReason(error);
  const code = error instanceof AuditError ? error.code : undefined;
  if (json) printJson({ line, error: { code, detail } });
  else note(`line ${line}: ${detail}`);
}
