import { currentScope } from '../../lib/scope';
import { AuditError } from '../../lib/errors';
import { checkReason, noteMark } from '../http/audited';
import type { RouteMark } from '../http/route-marks';
import { requestIn, takeOver } from './audited';

/** A decorator of a method. */
type OfMethod = (target: object, name: string | symbol, descriptor: PropertyDescriptor) => void;

/**
 * Says why a method of a controller needs no event, for the report of `auditCoverage`.
 * @throws AuditError `INVALID_OPTIONS` without a reason.
 */
export function Exempt(reason: string): OfMethod {
  return noting('Exempt', { exemption: checkReason('Exempt', reason) });
}

/**
 * Says what a method of a controller shows that is sensitive: that is to be recorded, too.
 * @throws AuditError `INVALID_OPTIONS` without a reason.
 */
export function Sensitive(reason: string): OfMethod {
  return noting('Sensitive', { sensitivity: checkReason('Sensitive', reason) });
}

function noting(decorator: string, mark: RouteMark): OfMethod {
  return (_target, name, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function')
      throw new AuditError('INVALID_OPTIONS', `@${decorator} stands on ${String(name)}, which is no method.`);
    const noted = function (this: unknown, ...args: unknown[]): unknown {
      noteMark(requestIn(currentScope()), mark);
      return Reflect.apply(method, this, args);
    };
    takeOver(method, noted);
    descriptor.value = noted;
  };
}
