import type { Entry } from '../../chain/entry';
import type { Json, JsonObject } from '../../chain/json';
import { keyOf } from '../key';
import type { Deed, Meaning, Subject } from './actions';
import { compact, isAddress, messageOf } from './compact';

/** The version of the Elastic Common Schema whose fields are used. */
const ECS_VERSION = '9.4.0';

/** `event.category` of what is acted on; a session is an authentication. */
const CATEGORIES: Record<Subject, string[]> = {
  session: ['authentication', 'session'],
  user: ['iam'],
  group: ['iam'],
  role: ['iam'],
  credential: ['iam'],
  data: ['database'],
  log: ['configuration'],
  other: ['api'],
};

/** `event.type` of what is done, of those that ECS allows with any category. */
const TYPES: Record<Deed, string> = {
  create: 'creation',
  read: 'access',
  update: 'change',
  delete: 'deletion',
  enable: 'change',
  disable: 'change',
  grant: 'change',
  revoke: 'change',
  add_member: 'change',
  remove_member: 'change',
  begin: 'start',
  end: 'end',
  export: 'access',
  import: 'change',
  deny: 'denied',
  other: 'info',
};

/** The types that ECS expects with a category; others become `info`. */
const EXPECTED: Record<string, readonly string[]> = {
  authentication: ['start', 'end', 'info'],
  session: ['start', 'end', 'info'],
  iam: ['admin', 'change', 'creation', 'deletion', 'group', 'info', 'user'],
  database: ['access', 'change', 'info', 'error'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  api: [
    'access',
    'admin',
    'allowed',
    'change',
    'creation',
    'deletion',
    'denied',
    'end',
    'info',
    'start',
    'user',
  ],
};

/** RFC 5424's severities, as `event.severity` of syslog: notice, error, warning. */
const SEVERITIES = { success: 5, failure: 3, denied: 4 } as const;

/** An entry as a document of the Elastic Common Schema. What has no field of its own is in `audit`. */
export function toEcs(entry: Entry, { on, does }: Meaning): JsonObject {
  const { context = {}, outcome } = entry;
  const isDenial = does === 'deny';
  const categories = isDenial ? ['api'] : CATEGORIES[on];
  const type = TYPES[does];
  const isExpected = categories.every((category) => EXPECTED[category]?.includes(type));
  const { method, path, route, statusCode, durationMs, requestId, traceId, ipAddress, userAgent, ...others } =
    context;
  return compact({
    '@timestamp': entry.occurredAt,
    ecs: { version: ECS_VERSION },
    message: messageOf(entry),
    event: {
      kind: 'event',
      category: categories,
      type: [isExpected ? type : 'info'],
      action: entry.action,
      outcome: outcome === 'success' ? 'success' : 'failure',
      id: keyOf(entry),
      sequence: entry.seq,
      created: entry.recordedAt,
      hash: entry.hash,
      severity: SEVERITIES[outcome],
      provider: 'express-audit-ledger',
      dataset: 'express_audit_ledger.audit',
      duration: typeof durationMs === 'number' ? Math.round(durationMs * 1_000_000) : undefined,
    },
    organization: { id: entry.tenantId },
    user: {
      id: entry.actor,
      name: entry.actorName,
      effective: entry.onBehalfOf === undefined ? undefined : { id: entry.onBehalfOf },
      target:
        ['user', 'group', 'role'].includes(on) && entry.resource !== undefined
          ? { id: entry.resource, name: entry.resourceName }
          : undefined,
    },
    source: isAddress(ipAddress) ? { ip: ipAddress } : undefined,
    http: {
      request: { method, id: requestId },
      response: { status_code: statusCode },
    },
    url: { path },
    user_agent: { original: userAgent },
    trace: { id: traceId },
    related: {
      user: [...new Set([entry.actor, ...(entry.onBehalfOf === undefined ? [] : [entry.onBehalfOf])])],
      ip: isAddress(ipAddress) ? [ipAddress] : undefined,
    },
    audit: {
      id: entry.id,
      outcome,
      prevHash: entry.prevHash,
      actorType: entry.actorType,
      resource: entry.resource,
      resourceType: entry.resourceType,
      resourceName: entry.resourceName,
      route,
      context: { ...others, ...(isAddress(ipAddress) ? {} : { ipAddress }) } as Record<
        string,
        Json | undefined
      >,
      // As text: documents of ever new members would fill the index with fields.
      metadata: asText(entry.metadata),
      before: asText(entry.before),
      after: asText(entry.after),
      commitments: asText(entry.commitments),
      v: entry.v,
      truncated: (entry as { truncated?: true }).truncated,
    },
  });
}

function asText(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
