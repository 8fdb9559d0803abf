import { type Audit, ledgerOf } from '../../lib/audit';
import { AuditError } from '../../lib/errors';
import { assertOptions } from '../../lib/util/complaints';
import { omitUndefined } from '../../lib/util/omit-undefined';
import { checkAudited, checkReason, noteMark, recordWhenAnswered } from '../http/audited';
import type { Entering } from '../http/route-helpers';
import { NobodyWarning } from '../http/nobody-warning';
import { type CapturingParts, checkCapturingOptions, parseCapturingOptions } from '../http/options';
import { type Arrived, type NextParts, paramsOf, runAudited } from './audited-request';
import { isBuilding, requestHeaders } from './next-modules';
import { type AuditedOptions, OWN_OPTIONS } from './options';

/** A route handler, a server action or a proxy. */
export type Handler = (...args: never[]) => unknown;

/** Follows the requests of a handler, which keeps its type. The options are checked now, the ledger is met at a request. */
export function createAudited<Wrapped extends Handler>(
  handler: Wrapped,
  options: AuditedOptions,
  sharedAudit: () => Audit,
): Wrapped {
  if (typeof handler !== 'function') {
    const mend = 'wrap it where it is exported: export const POST = audited(async (request) => …)';
    throw new AuditError('INVALID_OPTIONS', `audited takes a handler, which must be a function: ${mend}.`);
  }
  const { enter, others } = markIn(options);
  const parts = partsLater('audited', others, sharedAudit);
  const audited = async (...args: unknown[]): Promise<unknown> => {
    const call = (): unknown => Reflect.apply(handler, undefined, args);
    const arrived = isBuilding() ? null : await arrivedIn(args);
    return arrived ? runAudited({ ...parts(), enter }, arrived, call) : call();
  };
  return audited as unknown as Wrapped;
}

/** What a handler says of itself, checked, and the other options. */
function markIn(options: AuditedOptions): { enter: Entering; others: AuditedOptions } {
  assertOptions('audited', options);
  const { record, exempt, sensitive, ...others } = options;
  const { action, ...members } = record ?? {};
  if (record !== undefined) checkAudited(action, members);
  const exemption = exempt === undefined ? undefined : checkReason('exempt', exempt);
  const sensitivity = sensitive === undefined ? undefined : checkReason('sensitive', sensitive);
  const enter: Entering = (scope) => {
    noteMark(scope, omitUndefined({ exemption, sensitivity }));
    if (action !== undefined) recordWhenAnswered(scope, action, members);
  };
  return { enter, others };
}

/** What requests are followed with, once there is one: a build has no ledger. */
export function partsLater(name: string, options: AuditedOptions, sharedAudit: () => Audit): () => NextParts {
  checkCapturingOptions(name, options, OWN_OPTIONS);
  const { identify, clientIp } = options;
  const nobody = identify ? null : new NobodyWarning({ name: 'audited', page: 'docs/frameworks/next.md' });
  let audit = options.audit;
  let capture: CapturingParts['capture'] | undefined;
  return () => {
    audit ??= sharedAudit();
    capture ??= parseCapturingOptions(name, { ...options, audit }, sharedAudit, OWN_OPTIONS).capture;
    // Under `next dev` the ledger behind an `Audit` is replaced.
    return { ledger: ledgerOf(audit), capture, identify, clientIp, nobody };
  };
}

/** What a client sends to an action can look like anything, but is never a `Request`. */
async function arrivedIn([first, second]: unknown[]): Promise<Arrived | null> {
  if (first instanceof Request) {
    const isProxy = typeof (second as { waitUntil?: unknown } | undefined)?.waitUntil === 'function';
    return { request: first, params: await paramsOf(second), kind: isProxy ? 'proxy' : 'route' };
  }
  const headers = await requestHeaders();
  return (
    headers && {
      request: new Request('http://localhost/', { method: 'POST', headers }),
      params: {},
      kind: 'action',
    }
  );
}
