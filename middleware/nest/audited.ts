import { Audit, ledgerOf } from '../../lib/audit';
import { AuditError } from '../../lib/errors';
import type { AuditEvent, KnownAction } from '../../lib/event/event';
import type { Ledger } from '../../lib/ledger';
import { currentScope, type Scope } from '../../lib/scope';
import { Complaints, isObject } from '../../lib/util/complaints';
import { attempt } from '../../lib/util/attempt';
import { isRefusalStatus } from '../http/capture';
import { isPromise } from '../http/promise';
import { RequestScope } from '../http/request-scope';
import { Inject, metadata } from './own-nest';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- methods of the application, whatever they take
type AnyMethod = (...args: any[]) => unknown;

/** One call of an audited method: what it was given, and what has come of it. */
export interface AuditedCall<Method extends AnyMethod = AnyMethod> {
  /** The arguments, as Nest gave them: `@Body()`, `@Param()` and so on, behind their pipes. */
  args: Parameters<Method>;
  /** What it has returned; undefined when it has thrown. Of an observable, its last value. */
  result?: ResultOf<ReturnType<Method>> | undefined;
  /** What it has thrown. */
  error?: unknown;
}

type ResultOf<Returned> = Returned extends { subscribe(observer: (value: infer Value) => void): unknown }
  ? Value
  : Awaited<Returned>;

/** A member of an event, or what makes it from a call. */
type Of<Method extends AnyMethod, Value> = Value | ((call: AuditedCall<Method>) => Value);

/** What is recorded beside the action, the request's user and its context. */
export interface AuditedOptions<Method extends AnyMethod = AnyMethod> {
  resource?: Of<Method, AuditEvent['resource']>;
  metadata?: Of<Method, AuditEvent['metadata']>;
  before?: Of<Method, unknown>;
  after?: Of<Method, unknown>;
}

const MEMBERS = ['resource', 'metadata', 'before', 'after'] as const;

/** Where Nest puts the ledger of the module that a class is in. */
const SERVICE = Symbol('express-audit-ledger: service');

interface Holder {
  readonly [SERVICE]?: Audit;
}

/**
 * Records each call of a method of a controller or provider: as a success before what it returns is answered, or as a
 * failure with what it has thrown. A refusal (401, 403, 429) is left to capture, which records it in any case.
 * @throws AuditError `INVALID_OPTIONS`
 */
export function Audited<Method extends AnyMethod = AnyMethod>(
  action: KnownAction,
  options: AuditedOptions<Method> = {},
): (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => void {
  assertAudited(action, options);
  return (target, name, descriptor) => {
    const method = descriptor.value;
    if (typeof method !== 'function')
      throw new AuditError(
        'INVALID_OPTIONS',
        `@Audited('${action}') stands on ${String(name)}, which is no method.`,
      );
    Inject(Audit)(target, SERVICE);
    const audited = function (this: Holder, ...args: Parameters<Method>): unknown {
      const call = new Call(ledgerBehind(this, target, name), action, options, args);
      return call.follow(() => method.apply(this, args));
    };
    takeOver(method, audited);
    descriptor.value = audited as Method;
  };
}

/** One call, and what is recorded of it. */
class Call {
  readonly #scope = currentScope();

  constructor(
    private readonly ledger: Ledger,
    private readonly action: string,
    private readonly options: AuditedOptions,
    private readonly args: unknown[],
  ) {}

  follow(run: () => unknown): unknown {
    const returned = this.#begin(run);
    return isObservable(returned)
      ? returned.pipe((source) => this.#observed(source))
      : this.#awaited(returned);
  }

  /** What it throws at once is a rejection like others. */
  #begin(run: () => unknown): unknown {
    try {
      return run();
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it was thrown
      return Promise.reject(error);
    }
  }

  async #awaited(returned: unknown): Promise<unknown> {
    let result: unknown;
    try {
      result = isPromise(returned) ? await returned : returned;
    } catch (error) {
      await this.#failed(error);
      throw error;
    }
    await this.#succeeded(result);
    return result;
  }

  #observed(source: Observable): Observable {
    const { constructor: OfItsKind } = source as { constructor: unknown };
    return new (OfItsKind as ObservableClass)((observer) => {
      let result: unknown;
      const failed = (error: unknown) => observer.error(error);
      return source.subscribe({
        next: (value) => observer.next((result = value)),
        error: (error) => void this.#failed(error).then(() => failed(error)),
        complete: () => void this.#succeeded(result).then(() => observer.complete(), failed),
      });
    });
  }

  async #succeeded(result: unknown): Promise<void> {
    await this.ledger.eventIn(this.#scope, this.#event({ args: this.args as never, result }));
  }

  /** What it has thrown is what its caller is to see, whatever becomes of the event: the ledger tells of that itself. */
  async #failed(error: unknown): Promise<void> {
    const { metadata, ...event } = this.#event({ args: this.args as never, error });
    const failure: AuditEvent = { ...event, outcome: 'failure', metadata: { ...metadata, error } };
    const record = async () => {
      await this.ledger.eventIn(this.#scope, failure).catch(() => undefined);
    };
    const request = isRefusalStatus(statusOf(error)) ? requestIn(this.#scope) : undefined;
    if (!request) return record();
    // A filter of the application may answer something else, which capture does not take for a refusal.
    request.response.whenOver(() => {
      if (!isRefusalStatus(request.response.status)) void record();
    });
  }

  #event(call: AuditedCall): AuditEvent {
    const event: Record<string, unknown> = { action: this.action };
    for (const member of MEMBERS) {
      const given = this.options[member];
      event[member] =
        typeof given === 'function'
          ? this.#made(member, () => (given as (call: AuditedCall) => unknown)(call))
          : given;
    }
    return event as unknown as AuditEvent;
  }

  /** What a user has sent must not keep an event from being recorded. */
  #made(member: string, make: () => unknown): unknown {
    try {
      return make();
    } catch (cause) {
      const message = `The function \`${member}\` of @Audited('${this.action}') failed, and the event is recorded without it`;
      this.ledger.report(new Error(message, { cause }));
      return undefined;
    }
  }
}

/** What is used of an observable of RxJS. */
interface Observable {
  subscribe(observer: { next(value: unknown): void; error(error: unknown): void; complete(): void }): unknown;
  pipe(operator: (source: Observable) => Observable): Observable;
}

type ObservableClass = new (
  subscribe: (observer: {
    next(value: unknown): void;
    error(error: unknown): void;
    complete(): void;
  }) => unknown,
) => Observable;

function isObservable(value: unknown): value is Observable {
  const { subscribe, pipe } = (value ?? {}) as Partial<Observable>;
  return typeof subscribe === 'function' && typeof pipe === 'function';
}

/** The status that Nest answers an exception with. */
function statusOf(error: unknown): unknown {
  const { getStatus, status } = (error ?? {}) as { getStatus?: unknown; status?: unknown };
  return typeof getStatus === 'function'
    ? attempt(() => Reflect.apply(getStatus, error, []) as unknown)
    : status;
}

/** The request in which a scope began. */
export function requestIn(scope: Scope | null): RequestScope | undefined {
  let current: Scope | null | undefined = scope;
  while (current && !(current instanceof RequestScope)) current = current.within;
  return current ?? undefined;
}

function ledgerBehind(holder: Holder | undefined, target: object, name: string | symbol): Ledger {
  const audit = holder?.[SERVICE];
  if (audit) return ledgerOf(audit);
  const what = `${target.constructor.name}.${String(name)} is @Audited, and was called on an object that Nest has not made`;
  throw new AuditError(
    'INVALID_OPTIONS',
    `${what}: have it injected, in tests by Test.createTestingModule().`,
  );
}

/** Other decorators have left on the method what Nest is to read, and others may yet. */
export function takeOver(method: object, audited: object): void {
  for (const name of ['name', 'length'])
    Object.defineProperty(audited, name, Object.getOwnPropertyDescriptor(method, name) ?? {});
  for (const key of metadata.getOwnMetadataKeys(method))
    metadata.defineMetadata(key, metadata.getOwnMetadata(key, method), audited);
}

function assertAudited(action: unknown, options: unknown): void {
  const complaints = new Complaints();
  if (typeof action !== 'string' || action === '')
    complaints.add('action', 'a name such as member.invited', action);
  if (isObject(options)) complaints.unknownFields(options, MEMBERS);
  else complaints.add('options', 'an object such as { resource, metadata }', options);
  complaints.assertNone('INVALID_OPTIONS', 'Audited cannot record');
}
