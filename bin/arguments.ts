import { parseArgs } from 'node:util';
import { isCollectionPrefix, PREFIX_RULE } from '../lib/store/collection-prefix';
import { exitCodeFor, describeReason, UsageError } from './failure';

/** The environment may name the database instead of `--uri`: a command line is seen by all users of a machine. */
const URI_VARIABLE = 'AUDIT_LEDGER_URI';

/** The options of a command, as `parseArgs` takes them. */
type OptionRules = Readonly<Record<string, { type: 'string' | 'boolean'; multiple?: true }>>;

type ValueOf<Rule> = Rule extends { type: 'boolean' }
  ? boolean
  : Rule extends { multiple: true }
    ? string[]
    : string;

/** What was given of the options of a command. */
export type Values<T extends OptionRules> = { -readonly [Name in keyof T]?: ValueOf<T[Name]> | undefined };

/** What stands in a command line behind the command. */
export interface Arguments<T extends OptionRules> {
  values: Values<T>;
  operands: string[];
}

/**
 * Reads options and operands.
 * @throws UsageError for options that the command does not have, that lack a value, or that are there twice.
 */
export function readArguments<const T extends OptionRules>(args: string[], options: T): Arguments<T> {
  try {
    const { values, positionals, tokens } = parseArgs({
      args,
      options,
      allowPositionals: true,
      tokens: true,
    });
    assertOnce(tokens, options);
    return { values: values, operands: positionals };
  } catch (error) {
    if (!String(exitCodeFor(error)).startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError(describeReason(error));
  }
}

/** Of two values one would be passed over without a word. */
function assertOnce(tokens: readonly { kind: string; name?: string }[], options: OptionRules): void {
  const seen = new Set<string>();
  for (const { kind, name } of tokens) {
    if (kind !== 'option' || name === undefined || options[name]?.multiple) continue;
    if (seen.has(name)) throw new UsageError(`--${name} is given more than once`);
    seen.add(name);
  }
}

/** @throws UsageError when there are operands where a command takes none. */
export function assertNoOperands(operands: readonly string[]): void {
  const [first] = operands;
  if (first !== undefined) throw new UsageError(`${JSON.stringify(first)} is not expected here`);
}

/** @throws UsageError without a value. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

/**
 * One of a few values; the first where none is given.
 * @throws UsageError for any other
 */
export function oneOf<const Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const chosen = choices.find((choice) => choice === (value ?? choices[0]));
  if (chosen !== undefined) return chosen;
  throw new UsageError(`--${name} must be one of ${choices.join(', ')}, got ${JSON.stringify(value)}`);
}

/** The options that name a database. */
export const DATABASE_OPTIONS = {
  uri: { type: 'string' },
  db: { type: 'string' },
  collections: { type: 'string' },
} as const satisfies OptionRules;

/** Where a ledger is kept. */
export interface DatabaseName {
  uri: string;
  /** That of the URI when left out. */
  db: string | undefined;
  /** What the names of the collections begin with; that of `createAudit` when left out. */
  collections: string | undefined;
}

/** @throws UsageError when neither the option nor the environment names one, or for a prefix that `createAudit` refuses. */
export function parseDatabase({ uri, db, collections }: Values<typeof DATABASE_OPTIONS>): DatabaseName {
  const named = uri ?? process.env[URI_VARIABLE];
  if (!named) throw new UsageError(`--uri is missing, and ${URI_VARIABLE} is not set`);
  return { uri: named, db, collections: parseCollections(collections) };
}

/** @throws UsageError for a prefix that `createAudit` refuses. */
export function parseCollections(prefix: string | undefined): string | undefined {
  if (prefix === undefined || isCollectionPrefix(prefix)) return prefix;
  throw new UsageError(`--collections must be ${PREFIX_RULE}, got ${JSON.stringify(prefix)}`);
}
