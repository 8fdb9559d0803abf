import { type Audit, ledgerOf } from '../../lib/audit';
import { AuditError } from '../../lib/errors';
import type { Ledger } from '../../lib/ledger';
import { isObject } from '../../lib/util/complaints';
import { answerRequest } from '../fetch/answer-request';
import type { Permission } from '../http/api/admission';
import { TrailApi } from '../http/api/trail-api';
import { CollectorApi } from '../http/collector/collector-api';
import { checkCollectorOptions, parseCollectorOptions } from '../http/collector/options';
import { checkTrailOptions, parseTrailOptions } from '../http/options';
import { clientAddress } from './client-ip';
import { partsLater } from './audited';
import { paramsOf, runAudited, settle, type SettledIdentity } from './audited-request';
import { stopSignal } from './stop-signal';
import {
  type AuditCollectorOptions,
  type AuditRouterOptions,
  OWN_OPTIONS,
  type RequestContext,
} from './options';
import { catchAllOf, type Params } from './route';

/** The trail of a tenant and its page, or the collector; `toNextHandler` makes a route handler of it. */
export interface AuditRouter {
  /** Answers a request to a route whose last parameter is what is below the mount, such as `[[...path]]`. */
  answer(request: Request, context: { params: Promise<Params> }): Promise<Response>;
}

/** What `tenant` and `authorize` are given together, and what `identify` has given before. */
interface Source {
  request: Request;
  context: RequestContext;
  identity: SettledIdentity | undefined;
}

/** The options are checked now, the ledger is met at a request. */
export function createTrail(options: AuditRouterOptions, sharedAudit: () => Audit): AuditRouter {
  checkTrailOptions('auditRouter', options, OWN_OPTIONS);
  const { clientIp, ...others } = options;
  const { audit, identify, tenant, authorize } = others;
  const following = partsLater('auditRouter', { audit, identify, clientIp }, sharedAudit);
  const own = {
    ...others,
    identify: identify && (({ identity }: Source) => identity?.()),
    tenant: tenant && (({ request, context }: Source) => tenant(request, context)),
    authorize:
      authorize &&
      (({ request, context }: Source, permission: Permission) => authorize(request, permission, context)),
  };
  const trailOf = madeOf(
    (ledger) => new TrailApi({ ...parseTrailOptions('auditRouter', own, sharedAudit), ledger }),
  );
  return {
    async answer(request, given) {
      const params = await paramsOf(given);
      const context = { params };
      const parts = following();
      const trail = trailOf(parts.ledger);
      const identity = await settle(identify, request, context);
      const source: Source = { request, context, identity };
      return runAudited({ ...parts, identify: identity }, { request, params, kind: 'route' }, () =>
        answerRequest(trail, request, { ...placeOf(request, params), source, stopping: stopSignal }),
      );
    },
  };
}

/**
 * Takes events from services that hold no database, and gives them their tenants' trails. The options are checked now, the
 * ledger is met at a request.
 */
export function createCollector(options: AuditCollectorOptions, sharedAudit: () => Audit): AuditRouter {
  const { clientIp, ...others } = options;
  checkCollectorOptions(options, OWN_OPTIONS);
  let audit = others.audit;
  const collectorOf = madeOf(
    (ledger) => new CollectorApi({ ...parseCollectorOptions(others, sharedAudit), ledger }),
  );
  return {
    async answer(request, given) {
      const params = await paramsOf(given);
      audit ??= sharedAudit();
      const api = collectorOf(ledgerOf(audit));
      const address = clientAddress(clientIp, request.headers);
      return answerRequest(api, request, { ...placeOf(request, params), address, stopping: stopSignal });
    },
  };
}

/** What is made of a ledger, and anew once that is replaced, as under `next dev`. */
function madeOf<Api>(make: (ledger: Ledger) => Api): (ledger: Ledger) => Api {
  let made: { ledger: Ledger; api: Api } | undefined;
  return (ledger) => {
    if (made?.ledger !== ledger) made = { ledger, api: make(ledger) };
    return made.api;
  };
}

/** @throws AuditError `INVALID_OPTIONS` for what neither `auditRouter` nor `auditCollector` gave. */
export function toHandlers(router: AuditRouter): Record<'GET' | 'HEAD' | 'POST', AuditRouter['answer']> {
  if (!isObject(router) || typeof router['answer'] !== 'function') {
    const mend = "import auditRouter or auditCollector from 'express-audit-ledger/next'";
    throw new AuditError('INVALID_OPTIONS', `toNextHandler takes what auditRouter() gave: ${mend}.`);
  }
  const answer: AuditRouter['answer'] = (request, context) => router.answer(request, context);
  return { GET: answer, HEAD: answer, POST: answer };
}

/** Splits the path of a request into the mount and what is below it, both as they were sent. */
function placeOf(request: Request, params: Params): { mount: string; path: string } {
  const { pathname } = new URL(request.url);
  const sent = pathname.replace(/(?<=.)\/+$/, '').split('/');
  const mount = sent.slice(0, sent.length - catchAllOf(params).length).join('/');
  return { mount, path: pathname.slice(mount.length) };
}
