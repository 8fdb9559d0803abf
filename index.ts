import { createAuditMiddleware } from './middleware/express/audit-middleware';
import {
  type AuditMiddlewareOptions,
  type AuditRouterOptions,
  parseMiddlewareOptions,
  parseRouterOptions,
} from './middleware/express/options';
import { createAuditRouter } from './middleware/express/audit-router';
import type { RequestHandler, Router } from './middleware/express/types';
export { audited, type AuditedRouteOptions, exempt, sensitive } from './middleware/express/route-helpers';
export { auditCoverage } from './middleware/express/coverage';
export type { Coverage, CoverageOptions } from './middleware/node/audit-coverage';
export type { CoverageReport, RouteCoverage, RouteState } from './lib/coverage/report';
export {
  type ActionDefinition,
  type ActionList,
  defineActions,
  type DescribedAction,
} from './lib/catalogue/define-actions';
export { commonActions } from './lib/catalogue/common-actions';
export { compareWithStandards, type StandardRow } from './lib/catalogue/standards';
import { sharedAudit } from './models/create-audit';

export type { Audit } from './lib/audit';
export type { AuditLog, EventBatch } from './lib/audit-log';
export { type AuditOptions, createAudit } from './models/create-audit';
export { auditChanges } from './models/changes/audit-changes';
export type { Change, ChangeOptions } from './models/changes/options';
export type { Finding, ReconcileOptions, ReconcileReport } from './lib/reconcile';
export type { EventOptions, PendingReceipt } from './lib/ledger';
export type { Problem, ProblemKind } from './lib/chain/chain-check';
export type { Entry, Receipt } from './lib/chain/entry';
export type { Json, JsonObject } from './lib/chain/json';
export { AuditError, type AuditErrorCode, isAuditError } from './lib/errors';
export type { KeyInfo, Keys, NewKey, SecretInfo } from './lib/keys/keys';
export type { KeyOptions, NarrowOptions, RotateOptions } from './lib/keys/key-options';
export type { KeyTenants, Scope } from './lib/store/key-store';
export type { LedgerOptions } from './lib/options';
export type { Limits } from './lib/write/limits';
export type { ExportQuery } from './lib/read/export-query';
export type { CheckpointOptions } from './lib/checkpoints/checkpoint-service';
export type { InclusionProof } from './lib/checkpoints/inclusion-proof';
export type { ListFilter, ListQuery } from './lib/read/list-query';
export type { EntryPage, LookedAt } from './lib/read/read-entries';
export type { Actor, AuditEvent, EventContext, KnownAction, Origin, Resource } from './lib/event/event';
export type { Identifier } from './lib/event/identifier';
export type { RedactOptions } from './lib/event/secrets';
export type { EvidenceReport } from './lib/evidence/check/report';
export type { VerifyEvidenceOptions } from './lib/evidence/check/options';
export { verifyEvidence } from './lib/evidence/check/node';
export type { AuditSignals, Logger, RecordedReceipt } from './lib/write/signals';
export type { Notice, VerificationReport } from './lib/verify/verify-chain';
export type { ReopenOptions } from './lib/verify/reopen';
export type { ReopeningStatement } from './lib/checkpoints/reopening';
export type { VerifyOptions } from './lib/verify/options';
export type { Session } from './lib/store/store';
export type { ActorType, Outcome } from './lib/vocabulary';
export type { Batch, CommittedBatch } from './lib/write/batch';
export type { SessionBatch, StashedBatch } from './lib/write/session-batch';
export type { WriteStats } from './lib/write/recording';
export type { RecordAccess } from './middleware/http/api/record-access';
export type { Permission } from './middleware/http/api/admission';
export type { Identity } from './middleware/http/identity';
export type {
  AuditMiddlewareOptions,
  AuditRouterOptions,
  CaptureOptions,
  CaptureSwitch,
  Identify,
} from './middleware/express/options';

/** Adds `req.audit()` to each request, and captures refused requests and exports. Mount it before authentication. */
export function auditMiddleware(options: AuditMiddlewareOptions = {}): RequestHandler {
  return createAuditMiddleware(parseMiddlewareOptions(options, sharedAudit));
}

/** A read-only HTTP API on the trail of the request's tenant. Mount it behind authentication. */
export function auditRouter(options: AuditRouterOptions = {}): Router {
  return createAuditRouter(parseRouterOptions(options, sharedAudit));
}
