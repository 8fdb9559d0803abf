import type { Catalogue } from './catalogue/check-metadata';
import { definitionsIn } from './catalogue/define-actions';
import type { Limits } from './write/limits';
import type { KeyObject } from 'node:crypto';
import { Complaints, isObject } from './util/complaints';
import type { RedactOptions } from './event/secrets';
import type { Logger } from './write/signals';
import { checkRecordingOptions, parseLimits, type RecordingOptions } from './recording-options';
import { isEmptyKey, SigningKey } from './checkpoints/signing-key';
import type { CheckpointOptions } from './checkpoints/checkpoint-service';
import type { SpoolOptions } from './write/spool/spool';
import { parseStreamList, type StreamList } from './streams/stream-options';
import { DEFAULT_PREFIX, isCollectionPrefix, PREFIX_RULE } from './store/collection-prefix';

/** Options of a ledger, but for where it is kept. */
export interface LedgerOptions<Action extends string = string> extends RecordingOptions<Action> {
  limits?: Partial<Limits> | undefined;
  /**
   * Milliseconds that an awaited event may take until its promise is rejected with `RECORDING_TIMEOUT`; 30,000 when left
   * out. The event goes on waiting.
   */
  timeoutMs?: number | undefined;
  /** Keeps events on disk until they are recorded, so that they survive a killed process. */
  spool?: SpoolOptions | undefined;
  /** The ledger's name in checkpoints, such as `audit.example.com`; `localhost` when left out. */
  ledger?: string | undefined;
  /**
   * An Ed25519 private key that signs checkpoints: a `KeyObject`, or PKCS#8 PEM text, also as environment variables have
   * it: in one line, with `\\n` for its line breaks, or in base64.
   */
  signingKey?: string | KeyObject | undefined;
  /** When checkpoints are made beside those of exports, and where copies of them go. */
  checkpoints?: CheckpointOptions | undefined;
  /** Streams of entries to other systems. */
  streams?: StreamList | undefined;
  /** Reads and verifies only: records nothing, not even its own start, and makes no checkpoints. */
  readOnly?: boolean | undefined;
  /** What the names of the collections begin with: `audit`, as in `audit_entries`, when left out. */
  collections?: string | undefined;
}

/** Options checked once, with their defaults. */
export interface ParsedOptions {
  defaultTenant: string | undefined;
  actions: readonly string[] | undefined;
  /** Where `actions` are of `defineActions`. */
  catalogue?: Catalogue | undefined;
  redact: RedactOptions | undefined;
  limits: Limits;
  timeoutMs: number;
  spool: SpoolOptions | undefined;
  ledger: string;
  key: SigningKey | null;
  checkpoints: CheckpointOptions;
  streams: ReturnType<typeof parseStreamList>;
  readOnly: boolean;
  collections: string;
  logger: Logger;
}

const KNOWN = [
  'connection',
  'defaultTenant',
  'actions',
  'redact',
  'limits',
  'timeoutMs',
  'spool',
  'ledger',
  'signingKey',
  'checkpoints',
  'streams',
  'readOnly',
  'collections',
  'logger',
];

/** The names that a ledger may have: they are part of key names, which hold neither white space nor plus signs. */
const LEDGER = /^[a-z0-9.-]+(\/[a-z0-9._-]+)*$/;

const LEDGER_LENGTH = 256;

/** What a timer of Node.js can wait, in seconds. */
const MAX_SECONDS = 2_147_483;

const DEFAULT_TIMEOUT = 30_000;

const DEFAULT_LIMITS: Limits = {
  valueBytes: 65_536,
  queueEvents: 10_000,
  queueBytes: 64 * 1024 * 1024,
  batch: 1_000,
  spoolBytes: 512 * 1024 * 1024,
};

/**
 * Checks options at the call, unknown names too.
 * @param caller the function that was given them
 * @throws AuditError `INVALID_OPTIONS` with every bad option.
 */
export function parseOptions(options: LedgerOptions, caller = 'createAudit'): ParsedOptions {
  const complaints = new Complaints();
  complaints.unknownFields(options, KNOWN);
  const { defaultTenant, actions, redact, spool, checkpoints, logger = console } = options;
  const { collections = DEFAULT_PREFIX, readOnly = false, timeoutMs = DEFAULT_TIMEOUT } = options;
  if (!(Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= MAX_SECONDS * 1000))
    complaints.add('timeoutMs', `a whole number from 1 to ${MAX_SECONDS * 1000}`, timeoutMs);
  checkRecordingOptions(options, complaints);
  if (spool !== undefined) checkSpool(spool, complaints);
  if (checkpoints !== undefined) checkCheckpoints(checkpoints, complaints);
  checkReadOnly(options, complaints);
  if (!isCollectionPrefix(collections)) complaints.add('collections', PREFIX_RULE, collections);
  const streams = options.streams === undefined ? [] : parseStreamList(options.streams, complaints);
  const key = parseSigningKey(options, complaints);
  const limits = parseLimits(options.limits, DEFAULT_LIMITS, complaints);
  complaints.assertNone('INVALID_OPTIONS', `${caller} cannot use its options`);
  const definitions = definitionsIn(actions);
  return {
    defaultTenant,
    actions: actions && [...actions],
    ...(definitions && { catalogue: { definitions, isStrict: false } }),
    redact,
    limits,
    timeoutMs,
    spool,
    ledger: options.ledger ?? 'localhost',
    key,
    checkpoints: { ...checkpoints },
    streams,
    readOnly,
    collections,
    logger,
  };
}

/** What of the options the ledger's own chain tells: how it records, and nothing secret. */
export function describeConfiguration(options: ParsedOptions): object {
  const { defaultTenant, actions, redact, limits, spool, ledger, key, collections, readOnly } = options;
  const { everyEntries, everySeconds, file, onCheckpoint } = options.checkpoints;
  const { names = [], values = [], replace } = redact ?? {};
  const redacting = { names, values: values.map(String), replace: replace !== undefined };
  const checkpoints = { everyEntries, everySeconds, file, onCheckpoint: onCheckpoint !== undefined };
  const publicKey = key && Buffer.from(key.publicKey).toString('base64');
  const kept = { limits, spool, collections, ...(readOnly && { readOnly }) };
  return { defaultTenant, actions, redact: redacting, ...kept, ledger, publicKey, checkpoints };
}

/** What writes has no place in a ledger that does not: to leave it out without a word would look as if it were done. */
function checkReadOnly(
  { readOnly, spool, streams, checkpoints }: LedgerOptions,
  complaints: Complaints,
): void {
  if (readOnly !== undefined && typeof readOnly !== 'boolean')
    complaints.add('readOnly', 'true or false', readOnly);
  if (readOnly !== true) return;
  const { everyEntries, everySeconds, onCheckpoint }: CheckpointOptions = isObject(checkpoints)
    ? checkpoints
    : {};
  const writing = { spool, streams, everyEntries, everySeconds, onCheckpoint };
  for (const [name, value] of Object.entries(writing)) {
    const path = name in { spool, streams } ? name : `checkpoints.${name}`;
    if (value !== undefined) complaints.add(path, 'left out where `readOnly` is true', value);
  }
}

function checkSpool(spool: unknown, complaints: Complaints): void {
  if (!isObject(spool)) return complaints.add('spool', 'an object such as { directory }', spool);
  complaints.unknownFields(spool, ['directory', 'fsync'], 'spool.');
  const { directory, fsync = false } = spool;
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0'))
    complaints.add('spool.directory', 'the path of a folder', directory);
  if (typeof fsync !== 'boolean') complaints.add('spool.fsync', 'true or false', fsync);
}

/** Checkpoints of a ledger without a name of its own could be another's. */
function parseSigningKey({ ledger, signingKey }: LedgerOptions, complaints: Complaints): SigningKey | null {
  if (ledger !== undefined && !isLedger(ledger))
    complaints.add('ledger', 'a name such as `audit.example.com`: [a-z0-9.-]+(/[a-z0-9._-]+)*', ledger);
  if (signingKey === undefined) return null;
  if (ledger === undefined)
    complaints.missing('ledger', 'name the ledger whose checkpoints `signingKey` signs');
  const key = SigningKey.from(signingKey);
  const form =
    'an Ed25519 private key, PKCS#8 PEM text, that in base64, or a KeyObject, such as `audit-ledger keygen` makes';
  const found = isEmptyKey(signingKey) ? 'an empty text (is its variable set?)' : 'something else';
  if (!key) complaints.add('signingKey', form, signingKey, found);
  return key;
}

function isLedger(value: unknown): boolean {
  return typeof value === 'string' && value.length <= LEDGER_LENGTH && LEDGER.test(value);
}

function checkCheckpoints(checkpoints: unknown, complaints: Complaints): void {
  if (!isObject(checkpoints)) return complaints.add('checkpoints', 'an object', checkpoints);
  complaints.unknownFields(
    checkpoints,
    ['everyEntries', 'everySeconds', 'file', 'onCheckpoint'],
    'checkpoints.',
  );
  const { everyEntries, everySeconds, file, onCheckpoint } = checkpoints;
  if (everyEntries !== undefined && !(Number.isSafeInteger(everyEntries) && Number(everyEntries) > 0))
    complaints.add('checkpoints.everyEntries', 'a whole number from 1', everyEntries);
  if (
    everySeconds !== undefined &&
    !(typeof everySeconds === 'number' && everySeconds > 0 && everySeconds <= MAX_SECONDS)
  )
    complaints.add('checkpoints.everySeconds', `a number above 0, at most ${MAX_SECONDS}`, everySeconds);
  if (file !== undefined && (typeof file !== 'string' || file === '' || file.includes('\0')))
    complaints.add('checkpoints.file', 'the path of a file', file);
  if (onCheckpoint !== undefined && typeof onCheckpoint !== 'function')
    complaints.add('checkpoints.onCheckpoint', 'a function', onCheckpoint);
}
