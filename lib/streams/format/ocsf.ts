import type { Entry } from '../../chain/entry';
import type { Json, JsonObject } from '../../chain/json';
import { VERSION } from '../../version';
import { keyOf } from '../key';
import type { Deed, Meaning } from './actions';
import { compact, isAddress, type Loose, messageOf } from './compact';

/** The classes of changes of users and roles: those of OCSF 1.8, or those that take their place in the version after it. */
export type UserClass = 'account_change' | 'user_management';

/** The newest released version of the schema. */
export const OCSF_VERSION = '1.8.0';

const NEXT_VERSION = '1.9.0-dev';

/** A class with its activities; what is no activity of it is `99`, other. */
interface Class {
  uid: number;
  name: string;
  activities: Partial<Record<Deed, readonly [id: number, name: string]>>;
}

const CRUD: Class['activities'] = {
  create: [1, 'Create'],
  read: [2, 'Read'],
  update: [3, 'Update'],
  delete: [4, 'Delete'],
};

const AUTHENTICATION: Class = {
  uid: 3002,
  name: 'Authentication',
  activities: { begin: [1, 'Logon'], end: [2, 'Logoff'] },
};
const ACCOUNT_CHANGE: Class = {
  uid: 3001,
  name: 'Account Change',
  activities: {
    create: [1, 'Create'],
    enable: [2, 'Enable'],
    disable: [5, 'Disable'],
    delete: [6, 'Delete'],
  },
};
const CREDENTIAL_CHANGE: Class = {
  ...ACCOUNT_CHANGE,
  activities: {
    update: [3, 'Password Change'],
    enable: [10, 'MFA Factor Enable'],
    disable: [11, 'MFA Factor Disable'],
  },
};
const USER_ACCESS: Class = {
  uid: 3005,
  name: 'User Access Management',
  activities: { grant: [1, 'Assign Privileges'], revoke: [2, 'Revoke Privileges'] },
};
const GROUP: Class = {
  uid: 3006,
  name: 'Group Management',
  activities: {
    add_member: [3, 'Add User'],
    remove_member: [4, 'Remove User'],
    delete: [5, 'Delete'],
    create: [6, 'Create'],
  },
};
const DATASTORE: Class = {
  uid: 6005,
  name: 'Datastore Activity',
  activities: {
    read: [1, 'Read'],
    export: [1, 'Read'],
    update: [2, 'Update'],
    import: [5, 'Write'],
    create: [6, 'Create'],
    delete: [7, 'Delete'],
  },
};
const API: Class = { uid: 6003, name: 'API Activity', activities: CRUD };

/** In development: the activities are those of the draft that the tests carry. */
const USER_MANAGEMENT: Class = {
  uid: 3007,
  name: 'User Management',
  activities: {
    create: [1, 'Create'],
    update: [2, 'Update'],
    delete: [3, 'Delete'],
    enable: [4, 'Enable'],
    disable: [5, 'Disable'],
    grant: [16, 'Assign Roles'],
    revoke: [17, 'Remove Roles'],
  },
};
const CREDENTIAL_MANAGEMENT: Class = {
  ...USER_MANAGEMENT,
  activities: {
    update: [8, 'Password Change'],
    enable: [12, 'Enable MFA Factors'],
    disable: [13, 'Disable MFA Factors'],
    create: [18, 'Add Programmatic Credentials'],
    revoke: [19, 'Remove Programmatic Credentials'],
    delete: [19, 'Remove Programmatic Credentials'],
  },
};

const CATEGORIES: Record<number, string> = { 3: 'Identity & Access Management', 6: 'Application Activity' };

/** OCSF's severities: informational, medium, medium. */
const SEVERITIES = {
  success: [1, 'Informational'],
  failure: [3, 'Medium'],
  denied: [3, 'Medium'],
} as const satisfies Record<Entry['outcome'], readonly [number, string]>;

/** What the method of a request does, where the action does not tell. */
const METHODS: Readonly<Record<string, Deed>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
};

/** Characters of OCSF's type `ip_t`: IPv6 with all of its zeros before an IPv4 address has more. */
const MAX_IP = 40;

/** Methods that OCSF knows. */
const KNOWN_METHODS = new Set([...Object.keys(METHODS), 'CONNECT', 'OPTIONS', 'TRACE']);

/** An entry as an event of OCSF. What has no place in its class is in `unmapped`. */
export function toOcsf(entry: Entry, meaning: Meaning, users: UserClass = 'account_change'): JsonObject {
  const named = classOf(meaning, users);
  const does = named === API ? deedOf(entry, meaning) : meaning.does;
  const [activity, activityName] = named.activities[does] ?? [99, entry.action];
  const category = Math.floor(named.uid / 1000);
  const [severity, severityName] = SEVERITIES[entry.outcome];
  const isSuccess = entry.outcome === 'success';
  const version = named.uid === USER_MANAGEMENT.uid ? NEXT_VERSION : OCSF_VERSION;
  const event = compact({
    activity_id: activity,
    activity_name: activityName,
    category_uid: category,
    category_name: CATEGORIES[category],
    class_uid: named.uid,
    class_name: named.name,
    type_uid: named.uid * 100 + activity,
    type_name: `${named.name}: ${activity === 99 ? 'Other' : activityName}`,
    time: Date.parse(entry.occurredAt),
    severity_id: severity,
    severity: severityName,
    status_id: isSuccess ? 1 : 2,
    status: isSuccess ? 'Success' : 'Failure',
    status_detail: entry.outcome,
    message: messageOf(entry),
    metadata: metadataOf(entry, version),
    ...bodyOf(entry, named, meaning),
    ...requestOf(entry),
  });
  return { ...event, unmapped: unmappedOf(entry) };
}

function classOf({ on, does }: Meaning, users: UserClass): Class {
  switch (on) {
    case 'session':
      return does === 'deny' ? API : AUTHENTICATION;
    case 'user':
      return users === 'user_management' ? USER_MANAGEMENT : ACCOUNT_CHANGE;
    case 'credential':
      return users === 'user_management' ? CREDENTIAL_MANAGEMENT : CREDENTIAL_CHANGE;
    case 'role':
      return users === 'user_management' ? USER_MANAGEMENT : USER_ACCESS;
    case 'group':
      return GROUP;
    case 'data':
      return DATASTORE;
    default:
      return API;
  }
}

function deedOf({ context }: Entry, { does }: Meaning): Deed {
  if (does === 'export') return 'read';
  if (does in CRUD) return does;
  const { method } = context ?? {};
  return (typeof method === 'string' && METHODS[method]) || does;
}

function metadataOf(entry: Entry, version: string): Loose {
  const requestId = entry.context?.['requestId'];
  return {
    version,
    product: { name: 'express-audit-ledger', vendor_name: 'express-audit-ledger', version: VERSION },
    log_name: 'audit',
    uid: keyOf(entry),
    event_code: entry.action,
    sequence: entry.seq,
    tenant_uid: entry.tenantId,
    logged_time: Date.parse(entry.recordedAt),
    original_time: entry.occurredAt,
    correlation_uid: typeof requestId === 'string' ? requestId : undefined,
    is_truncated: (entry as { truncated?: true }).truncated,
  };
}

/** OCSF's types of users. */
const USER_TYPES = { user: 1, support: 1, system: 3, service: 4, anonymous: 99 } as const;

function bodyOf(entry: Entry, named: Class, meaning: Meaning): Loose {
  const actor = userOf(entry);
  const resource = { uid: entry.resource, name: entry.resourceName };
  const affected = entry.resource === undefined ? actor : { ...resource };
  const resources =
    entry.resource === undefined ? undefined : [compact({ ...resource, type: entry.resourceType })];
  switch (named) {
    case AUTHENTICATION:
      return { actor: { user: actor }, user: actor, service: { name: 'application' } };
    case ACCOUNT_CHANGE:
    case CREDENTIAL_CHANGE:
    case USER_MANAGEMENT:
    case CREDENTIAL_MANAGEMENT:
      return { actor: { user: actor }, user: affected };
    case USER_ACCESS:
      return { actor: { user: actor }, user: affected, privileges: [privilegeIn(entry)] };
    case GROUP:
      return {
        actor: { user: actor },
        ...(['add_member', 'remove_member'].includes(meaning.does)
          ? { group: { uid: entry.tenantId }, user: affected }
          : { group: entry.resource === undefined ? { uid: entry.tenantId } : resource }),
      };
    case DATASTORE:
      return {
        actor: { user: actor },
        table: { name: entry.resourceType ?? entry.action, uid: entry.resource },
      };
    default:
      return {
        actor: { user: actor },
        api: { operation: entry.action, service: { name: 'application' } },
        resources,
      };
  }
}

function userOf({ actor, actorName, actorType }: Entry): Loose {
  return { uid: actor, name: actorName, type: actorType, type_id: actorType && USER_TYPES[actorType] };
}

/** What was granted or taken: the role that the entry tells of, or else its action. */
function privilegeIn({ after, before, metadata, action }: Entry): string {
  for (const value of [after, before, metadata]) {
    const role = typeof value === 'object' && value !== null && !Array.isArray(value) ? value['role'] : value;
    if (typeof role === 'string') return role;
  }
  return action;
}

function requestOf({ context = {} }: Entry): Loose {
  const { ipAddress, method, path, userAgent, statusCode } = context;
  const isKnown = typeof method === 'string' && KNOWN_METHODS.has(method);
  return {
    src_endpoint:
      isAddress(ipAddress) && ipAddress.length <= MAX_IP ? { ip: ipAddress } : { name: 'unknown' },
    http_request: {
      http_method: isKnown ? method : undefined,
      url: typeof path === 'string' ? { path } : undefined,
      user_agent: typeof userAgent === 'string' ? userAgent : undefined,
    },
    http_response: Number.isInteger(statusCode) ? { code: statusCode as Json } : undefined,
  };
}

/** All that no member of the class says, with what links the chain: nothing of an entry is left out. */
function unmappedOf(entry: Entry): JsonObject {
  const { tenantId: _, occurredAt: __, recordedAt: ___, actor: ____, actorName: _____, ...others } = entry;
  return others as object as JsonObject;
}
