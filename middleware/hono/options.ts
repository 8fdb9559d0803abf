import type { Audit } from '../../lib/audit';
import type * as Capture from '../http/capture';
import type * as Identity from '../http/identity';
import {
  type CapturingOptions,
  type CapturingParts,
  type OwnOption,
  parseCapturingOptions,
  type TrailOptions,
} from '../http/options';
import type { AnyContext } from './context';
import { connectionAddress } from './node-bindings';

/** Reads the identity from a context. Called when an event is recorded, so after authentication middleware. */
export type Identify = Identity.Identify<AnyContext>;

/** What is recorded without a call in a handler. */
export type CaptureOptions = Capture.CaptureOptions<[c: AnyContext]>;

/** Options of `auditMiddleware`. */
export interface AuditMiddlewareOptions extends CapturingOptions<[c: AnyContext]> {
  /**
   * The client's address. When left out it is that of the connection, on runtimes that show it: Node.js. A header is the
   * client's own word, unless a proxy of yours always sets it.
   */
  clientIp?: ((c: AnyContext) => string | undefined) | undefined;
}

/** Options of `auditRouter`. */
export type AuditRouterOptions = TrailOptions<AnyContext>;

/** What the middleware needs: its options, checked. */
export interface MiddlewareParts extends CapturingParts {
  clientIp: (c: AnyContext) => string | undefined;
}

const CLIENT_IP: OwnOption = ['clientIp', 'a function', (value) => typeof value === 'function'];

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseMiddlewareOptions(
  options: AuditMiddlewareOptions,
  sharedAudit: () => Audit,
): MiddlewareParts {
  const parts = parseCapturingOptions('auditMiddleware', options, sharedAudit, [CLIENT_IP]);
  return { ...parts, clientIp: options.clientIp ?? connectionAddress };
}
