import type { ClientSession, Connection, mongo } from 'mongoose';
import type { Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';
import { identifierText } from '../../lib/event/identifier';
import { endsInDigest, isLongerThan, TEXT_LIMIT } from '../../lib/event/size-limit';
import { isTenantId } from '../../lib/event/tenant-id';
import { type Keeping, RECONCILED, type Reconcile, type ReconcileLedger } from '../../lib/reconcile';
import { type Document, type Serialize, valueAt } from '../changes/documents';
import type { AnySchema } from '../changes/hidden-paths';
import { hasTransactions } from '../changes/has-transactions';
import type { ChangeOptions } from '../changes/options';
import { subjectOf } from '../changes/subjects';
import { View } from '../changes/views';
import { compareStates, type Difference, type State, stateOf } from './states';

/** BSON of the driver that the documents come from: there may be several. */
export interface Bson {
  BSON: {
    serialize: Serialize;
    EJSON: {
      stringify(value: unknown, options: object): string;
      parse(text: string, options: object): unknown;
    };
  };
}

/** What is read of a model of Mongoose's. */
export interface AnyModel {
  modelName: string;
  baseModelName?: string | undefined;
  schema: AnySchema & { discriminatorMapping?: { key: string; value: string; isRoot: boolean } | undefined };
  discriminators?: Record<string, AnyModel> | null | undefined;
  db: Connection;
  base: { mongo: unknown };
  collection: { collectionName: string };
  [RECONCILED]?: Registration;
}

/** What `auditChanges` leaves at its models. */
export interface Registration {
  options: ChangeOptions;
  reconcile: Reconcile;
  /** The ledger in which they are recorded. */
  keeping: () => Keeping;
}

/** Where documents are, if it is not the model's own connection. */
export interface Place {
  db: mongo.Db;
  bson: Bson;
}

/** A model whose changes are recorded, as what compares its documents with the trail sees it. */
export class Watched {
  readonly type: string;
  /** The types of all models of the same collection: each may have recorded a document. */
  readonly types: ReadonlySet<string>;
  readonly view: View;
  /** What each of these records. */
  private readonly views = new Map<string, View>();
  readonly options: ChangeOptions;
  /** How states were made what entries hold of them. */
  readonly keeping: Keeping;
  /** What tells the documents of a discriminator. */
  readonly filter: Readonly<Record<string, unknown>>;

  private constructor(
    model: AnyModel,
    readonly collection: mongo.Collection,
    readonly bson: Bson,
    /** Whether the events of changes are written in the transactions of these. */
    readonly isAtomic: boolean,
  ) {
    const { options, keeping } = model[RECONCILED] as Registration;
    this.keeping = keeping();
    this.options = options;
    this.type = options.name;
    for (const one of Object.values(model.db.models as unknown as Record<string, AnyModel>)) {
      const other = one[RECONCILED]?.options;
      const isOfCollection = one.collection.collectionName === model.collection.collectionName;
      if (other && isOfCollection) this.views.set(other.name, new View(other, schemasOf(one)));
    }
    this.view = new View(options, schemasOf(model));
    this.views.set(options.name, this.view);
    this.types = new Set(this.views.keys());
    const { discriminatorMapping: mapping } = model.schema;
    this.filter = mapping && !mapping.isRoot ? { [mapping.key]: mapping.value } : {};
  }

  /** @param place where its documents are, if they are to be read by another connection than its own */
  static async of(model: AnyModel, ledger: ReconcileLedger, place?: Place): Promise<Watched> {
    const name = model.collection.collectionName;
    if (place) return new Watched(model, place.db.collection(name), place.bson, false);
    const connection = await model.db.asPromise();
    const isAtomic =
      model[RECONCILED]?.options.atomic !== false && (await isInTransactions(connection, ledger));
    return new Watched(
      model,
      (connection.db as mongo.Db).collection(name),
      model.base.mongo as Bson,
      isAtomic,
    );
  }

  /** What is recorded of a document by the model that has recorded an entry of it. */
  private viewOf(entry: Entry | null): View {
    return this.views.get(entry?.resourceType ?? '') ?? this.view;
  }

  get namespace(): string {
    return this.collection.namespace;
  }

  /** As the resource of an event says it; null where a part of it, or nothing of it, was kept. */
  resourceOf(id: unknown): string | null {
    const { names, secrets } = this.keeping;
    const text = names.resource({ id: id as string, type: this.type })?.id;
    if (text === undefined || isLongerThan(text, TEXT_LIMIT) || !text.isWellFormed() || endsInDigest(text))
      return null;
    return secrets.redactMember('resource', text) === text ? text : null;
  }

  /** What an event of a document would hold of it, as the model would record it that an entry is of. */
  stateOf(document: Document, entry: Entry | null): State {
    return stateOf(document, this.viewOf(entry), this.keeping.secrets, this.keeping.valueBytes);
  }

  /** What a recorded state and that of a document differ in. */
  compare(recorded: Json, now: State, entry: Entry | null): Difference {
    return compareStates(recorded, now, this.viewOf(entry), this.keeping.secrets);
  }

  /** Whose a document is; undefined where it does not say. */
  tenantOf(document: Document): string | undefined {
    const { tenant } = this.options;
    if (tenant === undefined) return undefined;
    const given = identifierText(typeof tenant === 'function' ? tenant(document) : valueAt(document, tenant));
    return isTenantId(given) ? given : undefined;
  }

  subjectOf(id: unknown): string {
    return subjectOf(this.namespace, id, (document) => this.bson.BSON.serialize(document));
  }

  toText(value: unknown): string {
    return this.bson.BSON.EJSON.stringify({ value }, { relaxed: false });
  }

  fromText(text: string): unknown {
    return (this.bson.BSON.EJSON.parse(text, { relaxed: false }) as { value?: unknown }).value;
  }
}

/** The schemas of a model's documents, those of all discriminators of its collection, too: each leaves out what it hides. */
function schemasOf(model: AnyModel): AnySchema[] {
  const base = model.baseModelName === undefined ? undefined : model.db.models[model.baseModelName];
  const root = (base as AnyModel | undefined) ?? model;
  return [root.schema, model.schema, ...Object.values(root.discriminators ?? {}).map(({ schema }) => schema)];
}

/** A ledger on another client cannot take part in transactions. */
async function isInTransactions(connection: Connection, ledger: ReconcileLedger): Promise<boolean> {
  if (!(await hasTransactions(connection))) return false;
  const session: ClientSession = await connection.startSession();
  try {
    return ledger.takesSession(session);
  } finally {
    await session.endSession();
  }
}
