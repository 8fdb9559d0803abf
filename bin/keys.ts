import type { Keys, KeyInfo, NewKey } from '../lib/keys/keys';
import type { KeyTenants, Scope } from '../lib/store/key-store';
import { DATABASE_OPTIONS, parseDatabase, readArguments, required, type Values } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { asUsageError, UsageError } from './failure';
import { unlessRefused, withLedger } from './ledger';
import { note, print, printJson } from './out';
import { userName } from './user-name';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  name: { type: 'string' },
  scope: { type: 'string', multiple: true },
  tenant: { type: 'string', multiple: true },
  'tenant-prefix': { type: 'string' },
  'any-tenant': { type: 'boolean' },
  expires: { type: 'string' },
  grace: { type: 'string' },
  by: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Given = Values<typeof OPTIONS>;

/** What is done with the keys of a ledger, and the options that it knows beside those of all. */
interface Step {
  options: readonly (keyof Given)[];
  /** Whether it is about one key, whose id it is given. */
  isOfOne: boolean;
  run: (keys: Keys, given: Given, id: string) => Promise<void>;
}

const GRANTS = ['scope', 'tenant', 'tenant-prefix', 'any-tenant', 'expires'] as const;

const STEPS: Record<string, Step> = {
  create: {
    options: ['name', ...GRANTS],
    isOfOne: false,
    run: async (keys, given) => {
      const name = required('name', given.name);
      const tenants = tenantsIn(given);
      if (tenants === undefined) throw new UsageError('give --tenant, --tenant-prefix or --any-tenant');
      if (!given.scope) throw new UsageError('--scope is missing');
      const scopes = given.scope as Scope[];
      tell(await keys.create({ name, scopes, tenants, expiresAt: given.expires, by: byOf(given) }), given);
    },
  },
  list: {
    options: [],
    isOfOne: false,
    run: async (keys, given) => {
      const listed = await keys.list();
      if (given.json) for (const key of listed) printJson(key);
      else print(...listed.flatMap(linesOf));
    },
  },
  rotate: {
    options: ['grace'],
    isOfOne: true,
    run: async (keys, given, id) => {
      const { grace } = given;
      const graceSeconds = grace === undefined ? undefined : secondsIn(grace);
      tell(await keys.rotate(id, { graceSeconds, by: byOf(given) }), given);
    },
  },
  narrow: {
    options: GRANTS,
    isOfOne: true,
    run: async (keys, given, id) => {
      const scopes = given.scope as Scope[] | undefined;
      const narrowed = { scopes, tenants: tenantsIn(given), expiresAt: given.expires, by: byOf(given) };
      show(await keys.narrow(id, narrowed), given);
    },
  },
  revoke: {
    options: [],
    isOfOne: true,
    run: async (keys, given, id) => show(await keys.revoke(id, { by: byOf(given) }), given),
  },
};

const COMMON: readonly string[] = ['uri', 'db', 'collections', 'by', 'json'];

/** `audit-ledger keys`: makes, lists, rotates, narrows and revokes the API keys of the collector. */
export async function keys(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  const [name = '', id = '', ...more] = operands;
  const step = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (!step) throw new UsageError(`keys takes one of ${Object.keys(STEPS).join(', ')}`);
  if (more.length > 0 || (id !== '') !== step.isOfOne)
    throw new UsageError(step.isOfOne ? `keys ${name} takes the id of one key` : `keys ${name} takes no id`);
  for (const option of Object.keys(values))
    if (![...COMMON, ...step.options].includes(option))
      throw new UsageError(`keys ${name} takes no --${option}`);
  await withLedger(parseDatabase(values), async ({ audit }) => {
    const ledger = audit({});
    const run = () => step.run(ledger.keys, values, id);
    await unlessRefused(ledger, () =>
      run().catch((error: unknown) => Promise.reject(asUsageError(error) as Error)),
    );
  });
  return EXIT.ok;
}

function tenantsIn(given: Given): KeyTenants | undefined {
  const { tenant, 'tenant-prefix': prefix, 'any-tenant': any } = given;
  if ([tenant, prefix, any].filter((each) => each !== undefined).length > 1)
    throw new UsageError('give one of --tenant, --tenant-prefix and --any-tenant');
  if (any) return 'any';
  return prefix === undefined ? tenant : { prefix };
}

function secondsIn(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError('--grace must be a number of seconds');
  return Number(text);
}

function byOf({ by }: Given): string {
  return by ?? userName();
}

/** The key alone goes to standard output, so that it can be piped into what keeps secrets. */
function tell({ key, ...info }: NewKey, given: Given): void {
  if (given.json) return printJson({ ...info, key });
  note(...linesOf(info), 'The key is shown this once. Give it to the service as AUDIT_LEDGER_API_KEY:');
  print(key);
}

function show(info: KeyInfo, given: Given): void {
  if (given.json) printJson(info);
  else print(...linesOf(info));
}

function linesOf({ id, name, scopes, tenants, createdAt, expiresAt, revokedAt, secrets }: KeyInfo): string[] {
  const ends = [expiresAt && `expires ${expiresAt}`, revokedAt && `revoked ${revokedAt}`];
  return [
    [id, name, scopes.join(','), tenantText(tenants), `created ${createdAt}`, ...ends]
      .filter(Boolean)
      .join('  '),
    ...secrets.map(({ prefix, lastUsedAt, expiresAt: end }) =>
      [`  ${prefix}…`, lastUsedAt ? `last used ${lastUsedAt}` : 'never used', end && `until ${end}`]
        .filter(Boolean)
        .join('  '),
    ),
  ];
}

function tenantText(tenants: KeyTenants): string {
  if (tenants === 'any') return 'any tenant';
  return 'prefix' in tenants ? `tenants ${tenants.prefix}…` : `tenants ${tenants.join(', ')}`;
}
