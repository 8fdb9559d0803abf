import type { Sha256 } from '../crypto/ports';
import { ACTOR_TYPES, type ActorType } from '../vocabulary';
import { identifierText } from './identifier';
import { REDACTED, type Secrets } from './secrets';
import { endsInDigest, withDigest } from './size-limit';
import { isTenantId, TENANT_ID_LENGTH } from './tenant-id';
import { readMember, textOf } from './text-of';

/** An actor or resource in its parts, of any length; without an id where it names nobody. */
export interface Reference {
  id?: string | undefined;
  type?: string | undefined;
  name?: string | undefined;
  onBehalfOf?: string | undefined;
}

/** Members that hold the id of a user, as common stores and tokens call it; the first that is there counts. */
export const USER_ID_NAMES: readonly string[] = ['id', '_id', 'sub', 'userId', 'user_id', 'uid'];
const ID_NAMES: readonly string[] = ['id', '_id'];

/** Objects within objects in which an id is looked for: an object may be its own id. */
const MAX_DEPTH = 4;

/**
 * Reads what names actors, resources and the tenant of a request. Users choose these values, or what they were read
 * from, so nothing here refuses or throws: whole users and documents are known by their ids, and what is no name
 * becomes text.
 */
export class Names {
  constructor(
    private readonly secrets: Secrets,
    private readonly sha256: Sha256,
  ) {}

  /** Undefined where none is given. Of what is given and names nobody, such as an empty text, one without an id. */
  actor(value: unknown): Reference | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return { id: value || undefined };
    if (!isWhole(value)) return { id: this.id(value, 'actor') };
    const name = this.text(readMember(value, 'name'), 'actorName');
    const id = this.idOf(value, 'actor', USER_ID_NAMES, name);
    const onBehalfOf = this.id(readMember(value, 'onBehalfOf'), 'onBehalfOf', USER_ID_NAMES);
    return { id, type: actorType(value), name, onBehalfOf };
  }

  resource(value: unknown): Reference | undefined {
    if (value === undefined || value === null) return undefined;
    if (!isWhole(value)) return { id: this.id(value, 'resource') };
    const name = this.text(readMember(value, 'name'), 'resourceName');
    const id = this.idOf(value, 'resource', ID_NAMES, name);
    return { id, type: this.text(readMember(value, 'type'), 'resourceType'), name };
  }

  /**
   * The tenant of a request: itself if it can be stored, else a text that stands for it alone (docs/formats.md §2).
   * Undefined where there is none, and for what is no tenant: it must never become another's.
   */
  tenantId(value: unknown): string | undefined {
    const text = tenantText(value);
    if (text === undefined) return undefined;
    if (this.isTenantId(text) && !endsInDigest(text)) return text;
    const shown = this.secrets.isText(text) ? REDACTED : text.toWellFormed().replaceAll('\0', '\ufffd');
    return withDigest(shown, text, TENANT_ID_LENGTH, this.sha256);
  }

  /** Whether a tenant's id can be stored as it is; what `tenantId` gives can. */
  isTenantId(value: unknown): value is string {
    return isTenantId(value) && (endsInDigest(value) || !this.secrets.isText(value));
  }

  private text(value: unknown, member: string): string | undefined {
    return value === undefined || typeof value === 'string' ? value : textOf(value, member, this.secrets);
  }

  /** The id of a whole object. What has neither an id nor a name is shown as it is. */
  private idOf(
    whole: object,
    member: string,
    names: readonly string[],
    name: string | undefined,
  ): string | undefined {
    const id = this.idWithin(whole, member, names, MAX_DEPTH);
    return id ?? (name !== undefined || hasAny(whole, names) ? undefined : this.text(whole, member));
  }

  private id(value: unknown, member: string, names = ID_NAMES, depth = MAX_DEPTH): string | undefined {
    if (value === undefined || typeof value === 'string') return value || undefined;
    if (value === false || Number.isNaN(value)) return undefined; // of `user && user.id`, of `Number(undefined)`
    if (depth > 0 && isWhole(value)) {
      const id = this.idWithin(value, member, names, depth - 1);
      if (id !== undefined || hasAny(value, names)) return id;
    }
    return this.text(value, member) || undefined;
  }

  private idWithin(
    whole: object,
    member: string,
    names: readonly string[],
    depth: number,
  ): string | undefined {
    for (const name of names) {
      const id = this.id(readMember(whole, name), member, names, depth);
      if (id !== undefined) return id;
    }
    return undefined;
  }
}

/** Whether a value is an object with members, not an array and no id by itself. */
function isWhole(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || identifierText(value) !== value) return false;
  try {
    return !Array.isArray(value);
  } catch {
    return false; // a revoked proxy
  }
}

/** Only the known types: the `type` of an application's user may be anything. */
function actorType(whole: object): ActorType | undefined {
  const type = readMember(whole, 'type');
  return ACTOR_TYPES.includes(type as ActorType) ? (type as ActorType) : undefined;
}

function hasAny(object: object, names: readonly string[]): boolean {
  try {
    return names.some((name) => name in object);
  } catch {
    return false; // a proxy
  }
}

/** The text of a tenant's id, or of a whole tenant's. */
function tenantText(value: unknown): string | undefined {
  for (const id of [value, readMember(value, 'id'), readMember(value, '_id')]) {
    const text = identifierText(id);
    if (typeof text === 'string' && text !== '') return text;
  }
  return undefined;
}
