import type { Request, Response } from 'express';
import type { AuditEvent } from '../../lib/event/event';
import type { RequestScope } from './request-scope';
import { parseTarget } from './request-target';
import type { ResponseWatch } from './response-watch';

/** What captured events are made from: plain values about one request and its response. */
export interface CaptureFacts {
  readonly method: string;
  /** The path and the query as the client sent them, such as `/members.csv` and `role=admin`. */
  readonly target: { readonly path: string; readonly query: string };
  /** The path with secret parameters replaced. */
  readonly redactedPath: string;
  readonly status: number;
  readonly headersSent: boolean;
  /** Whether the response has `Content-Disposition: attachment`. */
  readonly isAttachment: boolean;
  /** Bytes of the body that were sent. */
  readonly bytesSent: number;
  /** Whether the client received the whole response. */
  readonly isCompleted: boolean;
  /** Whether the application itself recorded an event with the outcome `failure` or `denied`. */
  readonly failureRecorded: boolean;
  readonly actor: AuditEvent['actor'];
}

/**
 * Reads each fact when it is asked for, not all of them at once: most responses need one or two, `actor` calls the
 * application's `identify`, and a status may change until the response ends.
 */
export class ObservedExchange implements CaptureFacts {
  constructor(
    private readonly req: Request,
    private readonly res: Response,
    private readonly scope: RequestScope,
    private readonly watch: ResponseWatch,
  ) {}

  get method(): string {
    return this.req.method;
  }

  get target(): CaptureFacts['target'] {
    return parseTarget(this.req);
  }

  get redactedPath(): string {
    return this.scope.path;
  }

  get status(): number {
    return this.res.statusCode;
  }

  get headersSent(): boolean {
    return this.res.headersSent;
  }

  get isAttachment(): boolean {
    return this.watch.isAttachment();
  }

  get bytesSent(): number {
    return this.watch.bytesSent();
  }

  get isCompleted(): boolean {
    return this.scope.completed;
  }

  get failureRecorded(): boolean {
    return this.scope.failureRecorded;
  }

  get actor(): AuditEvent['actor'] {
    return this.scope.identity().actor;
  }
}
