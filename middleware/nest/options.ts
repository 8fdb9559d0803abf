import type { Audit } from '../../lib/audit';
import { AuditError } from '../../lib/errors';
import type { TrailParts } from '../http/api/trail-api';
import {
  type CapturingOptions,
  type CapturingParts,
  type OwnOption,
  parseCapturingOptions,
  parseTrailOptions,
  type TrailOptions,
} from '../http/options';
import { assertOptions, isObject } from '../../lib/util/complaints';

/** A request or a response of the platform: of Express or of Fastify. Say which where you read it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what Nest itself gives
export type Platform = any;

/** Where the trail is served, and to whom. */
export interface AuditTrailOptions extends Omit<TrailOptions<Platform>, 'audit'> {
  /**
   * Where the trail is, below the application's global prefix: `/audit` when left out. Also with parameters, such as
   * `/orgs/:orgId/audit`, and several.
   */
  path?: string | string[] | undefined;
}

/** Options of the module. `Created` are those of `createAudit`. */
export interface ModuleOptions<Created> extends CapturingOptions<[req: Platform, res: Platform]> {
  /** The application's own ledger, which it closes itself. */
  audit?: Audit | undefined;
  /** What `createAudit` is given for a ledger of the module's own, which it closes when the application shuts down. */
  ledger?: Created | undefined;
  /** Only requests to these paths, and to those below them, are followed; all requests when left out. */
  forRoutes?: string | readonly string[] | undefined;
  /** Serves the tenants' trails; not when left out. */
  trail?: AuditTrailOptions | undefined;
}

/** What the trail needs: its options, checked. */
export type MountedParts = TrailParts & { path: string | string[] };

/** What the module needs: its options, checked. */
export interface ModuleParts {
  audit: Audit;
  /** Whether the module has made the ledger, and so closes it. */
  isOwn: boolean;
  capturing: CapturingParts;
  below: readonly string[];
  trail: MountedParts | null;
}

const NAME = 'AuditModule';

/** What is said to who has a user where none is looked for. */
export const WARNING_SUBJECT = { name: NAME, page: 'docs/frameworks/nest.md' };

const isPath = (value: unknown): value is string => typeof value === 'string' && /^\/?[^/\s]/.test(value);

function areAll(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(is) : is(value);
}

const OWN: readonly OwnOption[] = [
  ['ledger', 'an object of options of createAudit()', isObject],
  [
    'forRoutes',
    'a path such as /members, or several',
    (value) => areAll(value, (path) => path === '/' || isPath(path)),
  ],
  ['trail', 'an object such as { path: "/audit" }', isObject],
];

const PATH: OwnOption = ['path', 'a path such as /audit, or several', (value) => areAll(value, isPath)];

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseModuleOptions<Created extends object>(
  options: ModuleOptions<Created>,
  createAudit: (options: Created | undefined) => Audit,
): ModuleParts {
  assertOptions(NAME, options);
  const { audit: given, ledger, forRoutes = '/', trail } = options;
  if (given !== undefined && ledger !== undefined)
    throw new AuditError(
      'INVALID_OPTIONS',
      `${NAME} takes an \`audit\`, or a \`ledger\` to make one, not both.`,
    );
  let own: Audit | undefined;
  const make = () => (own ??= createAudit(ledger));
  const capturing = parseCapturingOptions(NAME, options, make, OWN);
  const audit = given ?? make();
  return {
    audit,
    isOwn: given === undefined,
    capturing,
    below: typeof forRoutes === 'string' ? [forRoutes] : forRoutes,
    trail: trail ? parseTrail({ ...trail, audit }) : null,
  };
}

function parseTrail(options: AuditTrailOptions & { audit: Audit }): ModuleParts['trail'] {
  const { audit, path = '/audit' } = options;
  return { ...parseTrailOptions(`${NAME}: \`trail\``, options, () => audit, [PATH]), path };
}
