import type { Target } from './ports';
import type { RequestScope } from './request-scope';
import { isAttachment, publicLifetime } from './sent-headers';

/** What captured events are made from: plain values about one request and its response. */
export interface CaptureFacts {
  readonly method: string;
  /** The path and the query as the client sent them, such as `/members.csv` and `role=admin`. */
  readonly target: Target;
  /** The path with secret parameters replaced. */
  readonly redactedPath: string;
  /** The status that was sent. */
  readonly status: number;
  /** Whether the application has answered, even when the client was gone. */
  readonly isAnswered: boolean;
  /** Whether the response has `Content-Disposition: attachment`. */
  readonly isAttachment: boolean;
  /** Whether the response is meant for everybody, as its `Cache-Control` says. */
  readonly isForEverybody: boolean;
  /** Bytes of the body that were sent. */
  readonly bytesSent: number;
  /** Whether the client received the whole response. */
  readonly isCompleted: boolean;
  /** Whether the application itself recorded an event with the outcome `failure` or `denied`. */
  readonly failureRecorded: boolean;
  /** Whether an actor is known, or `identify` could not tell. */
  readonly isIdentified: boolean;
}

/**
 * Reads each fact when it is asked for, not all of them at once: most responses need one or two, `isIdentified` calls the
 * application's `identify`, and a status may change until the response ends.
 */
export class ObservedExchange implements CaptureFacts {
  constructor(private readonly scope: RequestScope) {}

  get method(): string {
    return this.scope.request.method;
  }

  get target(): Target {
    return this.scope.request.target;
  }

  get redactedPath(): string {
    return this.scope.request.path;
  }

  get status(): number {
    return this.scope.response.status;
  }

  get isAnswered(): boolean {
    return this.scope.response.isAnswered;
  }

  get isAttachment(): boolean {
    return isAttachment(this.scope.response.header('content-disposition'));
  }

  /**
   * `public, max-age=0` is what Express's file functions say when they were told nothing. Of `express.static` it is
   * believed; of `res.sendFile` and `res.download` it is not.
   */
  get isForEverybody(): boolean {
    const lifetime = publicLifetime(this.scope.response.header('cache-control'));
    if (lifetime !== 'zero') return lifetime === 'some';
    return this.scope.request.isFileServer && !this.isAttachment;
  }

  get bytesSent(): number {
    return this.scope.response.bytesSent(this.scope.completed);
  }

  get isCompleted(): boolean {
    return this.scope.completed;
  }

  get failureRecorded(): boolean {
    return this.scope.failureRecorded;
  }

  get isIdentified(): boolean {
    const { actor, isUnreadable } = this.scope.identity();
    return isUnreadable === true || actor !== undefined;
  }
}
