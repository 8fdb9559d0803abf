import type { Limits } from './write/limits';
import type { KeyObject } from 'node:crypto';
import { types } from 'node:util';
import { Complaints, isObject } from './util/complaints';
import { isTenantId, TENANT_ID_RULE } from './event/tenant-id';
import type { RedactOptions } from './event/secrets';
import { omitUndefined } from './util/omit-undefined';
import type { Logger } from './write/signals';
import { SYSTEM_TENANT } from './vocabulary';
import { SigningKey } from './checkpoints/signing-key';
import type { CheckpointOptions } from './checkpoints/checkpoint-service';
import type { SpoolOptions } from './write/spool/spool';
import { parseStreamList, type StreamList } from './streams/stream-options';
import { DEFAULT_PREFIX, isCollectionPrefix, PREFIX_RULE } from './store/collection-prefix';

/** Options of a ledger, but for where it is kept. */
export interface LedgerOptions<Action extends string = string> {
  /** The tenant of events that name none, for applications with one tenant. */
  defaultTenant?: string | undefined;
  /** The action names that may be used; others are refused, and are a compile-time error. */
  actions?: readonly Action[] | undefined;
  redact?: RedactOptions | undefined;
  limits?: Partial<Limits> | undefined;
  /** Keeps events on disk until they are recorded, so that they survive a killed process. */
  spool?: SpoolOptions | undefined;
  /** The ledger's name in checkpoints, such as `audit.example.com`; `localhost` when left out. */
  ledger?: string | undefined;
  /** An Ed25519 private key that signs checkpoints: PKCS#8 PEM text or a `KeyObject`. */
  signingKey?: string | KeyObject | undefined;
  /** When checkpoints are made beside those of exports, and where copies of them go. */
  checkpoints?: CheckpointOptions | undefined;
  /** Streams of entries to other systems. */
  streams?: StreamList | undefined;
  /** What the names of the collections begin with: `audit`, as in `audit_entries`, when left out. */
  collections?: string | undefined;
  /** `console` when left out. */
  logger?: Logger | undefined;
}

/** Options checked once, with their defaults. */
export interface ParsedOptions {
  defaultTenant: string | undefined;
  actions: readonly string[] | undefined;
  redact: RedactOptions | undefined;
  limits: Limits;
  spool: SpoolOptions | undefined;
  ledger: string;
  key: SigningKey | null;
  checkpoints: CheckpointOptions;
  streams: ReturnType<typeof parseStreamList>;
  collections: string;
  logger: Logger;
}

const KNOWN = [
  'connection',
  'defaultTenant',
  'actions',
  'redact',
  'limits',
  'spool',
  'ledger',
  'signingKey',
  'checkpoints',
  'streams',
  'collections',
  'logger',
];

/** The names that a ledger may have: they are part of key names, which hold neither white space nor plus signs. */
const LEDGER = /^[a-z0-9.-]+(\/[a-z0-9._-]+)*$/;

const LEDGER_LENGTH = 256;

/** What a timer of Node.js can wait, in seconds. */
const MAX_SECONDS = 2_147_483;

/** JSON takes up to six times its size as BSON, an entry has three such values, and a document 16 MiB. */
const MAX_VALUE_BYTES = 512 * 1024;

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
  const { collections = DEFAULT_PREFIX } = options;
  if (defaultTenant !== undefined && (!isTenantId(defaultTenant) || defaultTenant === SYSTEM_TENANT))
    complaints.add('defaultTenant', `${TENANT_ID_RULE}, not \`system\``, defaultTenant);
  if (actions !== undefined && !isStringArray(actions))
    complaints.add('actions', 'an array of names', actions);
  if (redact !== undefined) checkRedact(redact, complaints);
  if (!isObject(logger) || typeof logger['warn'] !== 'function' || typeof logger['error'] !== 'function') {
    complaints.add('logger', 'an object with `warn` and `error`', logger);
  }
  if (spool !== undefined) checkSpool(spool, complaints);
  if (checkpoints !== undefined) checkCheckpoints(checkpoints, complaints);
  if (!isCollectionPrefix(collections)) complaints.add('collections', PREFIX_RULE, collections);
  const streams = options.streams === undefined ? [] : parseStreamList(options.streams, complaints);
  const key = parseSigningKey(options, complaints);
  const limits = parseLimits(options.limits, complaints);
  complaints.assertNone('INVALID_OPTIONS', `${caller} cannot use its options`);
  return {
    defaultTenant,
    actions: actions && [...actions],
    redact,
    limits,
    spool,
    ledger: options.ledger ?? 'localhost',
    key,
    checkpoints: { ...checkpoints },
    streams,
    collections,
    logger,
  };
}

/** What of the options the ledger's own chain tells: how it records, and nothing secret. */
export function describeConfiguration(options: ParsedOptions): object {
  const { defaultTenant, actions, redact, limits, spool, ledger, key, collections } = options;
  const { everyEntries, everySeconds, file, onCheckpoint } = options.checkpoints;
  const { names = [], values = [], replace } = redact ?? {};
  const redacting = { names, values: values.map(String), replace: replace !== undefined };
  const checkpoints = { everyEntries, everySeconds, file, onCheckpoint: onCheckpoint !== undefined };
  const publicKey = key && Buffer.from(key.publicKey).toString('base64');
  const kept = { limits, spool, collections };
  return { defaultTenant, actions, redact: redacting, ...kept, ledger, publicKey, checkpoints };
}

function isStringArray(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Members of an entry that cannot be redacted: without them it is in no chain, or says nothing. */
const FIXED = new Set(['action', 'outcome', 'tenantId', 'seq', 'occurredAt', 'recordedAt', 'prevHash']);

function checkRedact(redact: unknown, complaints: Complaints): void {
  if (!isObject(redact)) return complaints.add('redact', 'an object', redact);
  complaints.unknownFields(redact, ['names', 'values', 'replace'], 'redact.');
  const { names = [], values = [], replace = String } = redact;
  if (!isStringArray(names)) complaints.add('redact.names', 'an array of member names', names);
  else
    for (const name of names as string[])
      if (FIXED.has(name)) complaints.add('redact.names', 'without what each entry needs as it is', name);
  if (!Array.isArray(values) || !values.every(types.isRegExp)) {
    complaints.add('redact.values', 'an array of regular expressions', values);
  }
  if (typeof replace !== 'function') complaints.add('redact.replace', 'a function', replace);
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
  const form = 'an Ed25519 private key, PKCS#8 PEM text or a KeyObject, such as `audit-ledger keygen` makes';
  return key ?? complaints.add('signingKey', form, signingKey, 'something else') ?? null;
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

function parseLimits(limits: unknown, complaints: Complaints): Limits {
  if (limits === undefined) return DEFAULT_LIMITS;
  if (!isObject(limits)) {
    complaints.add('limits', 'an object', limits);
    return DEFAULT_LIMITS;
  }
  complaints.unknownFields(limits, Object.keys(DEFAULT_LIMITS), 'limits.');
  for (const [name, value] of Object.entries(limits)) {
    const most = name === 'valueBytes' ? MAX_VALUE_BYTES : Number.MAX_SAFE_INTEGER;
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= most))
      continue;
    complaints.add(
      `limits.${name}`,
      `a whole number from 1${name === 'valueBytes' ? ` to ${most}` : ''}`,
      value,
    );
  }
  return { ...DEFAULT_LIMITS, ...omitUndefined(limits) };
}
