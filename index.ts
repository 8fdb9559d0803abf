import type { RequestHandler, Router } from 'express';
import mongoose, { type Connection } from 'mongoose';
import { Audit, ledgerOf } from './lib/audit';
import { assertOptions, isObject } from './lib/util/complaints';
import { AuditError } from './lib/errors';
import { type LedgerOptions, parseOptions } from './lib/options';
import { VERSION } from './lib/version';
import { createAuditMiddleware } from './middleware/express/audit-middleware';
import {
  type AuditMiddlewareOptions,
  type AuditRouterOptions,
  parseMiddlewareOptions,
  parseRouterOptions,
} from './middleware/express/options';
import { createAuditRouter } from './middleware/express/audit-router';
import { MongoStore } from './models/store/mongo-store';

export type { Audit } from './lib/audit';
export type { EventOptions, PendingReceipt } from './lib/ledger';
export type { Problem, ProblemKind } from './lib/chain/chain-check';
export type { Entry, Receipt } from './lib/chain/entry';
export type { Json, JsonObject } from './lib/chain/json';
export { AuditError, type AuditErrorCode, isAuditError } from './lib/errors';
export type { LedgerOptions } from './lib/options';
export type { Limits } from './lib/write/limits';
export type { ExportQuery } from './lib/read/export-query';
export type { CheckpointOptions } from './lib/checkpoints/checkpoint-service';
export type { InclusionProof } from './lib/checkpoints/inclusion-proof';
export type { ListQuery } from './lib/read/list-query';
export type { EntryPage } from './lib/read/read-entries';
export type { Actor, AuditEvent, EventContext, Origin, Resource } from './lib/event/event';
export type { Identifier } from './lib/event/identifier';
export type { RedactOptions } from './lib/event/secrets';
export type { EvidenceReport } from './lib/evidence/check/report';
export type { VerifyEvidenceOptions } from './lib/evidence/check/options';
export { verifyEvidence } from './lib/evidence/check/node';
export type { AuditSignals, Logger } from './lib/write/signals';
export type { VerificationReport } from './lib/verify/verify-chain';
export type { VerifyOptions } from './lib/verify/options';
export type { Session } from './lib/store/store';
export type { ActorType, Outcome } from './lib/vocabulary';
export type { Batch, CommittedBatch } from './lib/write/batch';
export type { WriteStats } from './lib/write/recording';
export type { RecordAccess } from './middleware/http/api/record-access';
export type { Permission } from './middleware/http/api/admission';
export type { CaptureOptions, CaptureSwitch } from './middleware/http/capture';
export type { Identify, Identity } from './middleware/http/identity';
export type { AuditMiddlewareOptions, AuditRouterOptions } from './middleware/express/options';

/** Options of `createAudit`. */
export interface AuditOptions<Action extends string = string> extends LedgerOptions<Action> {
  /** Where the entries are kept: a Mongoose connection, which may still be connecting. `mongoose.connection` when left out. */
  connection?: Connection | undefined;
}

const CLOCK = { now: Date.now, random: Math.random };

/**
 * Makes a ledger on a Mongoose connection. Options are checked now, the database is met at the first event or query.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function createAudit<const Action extends string = string>(
  options: AuditOptions<Action> = {},
): Audit<Action> {
  assertOptions('createAudit', options);
  const { connection = mongoose.connection, ...ledger } = options;
  const parsed = parseOptions(ledger);
  if (!isConnection(connection)) {
    throw new AuditError(
      'INVALID_OPTIONS',
      'createAudit: `connection` must be a Mongoose Connection, such as mongoose.connection.',
    );
  }
  const audit = new Audit<Action>(new MongoStore(connection, parsed.collections), parsed, CLOCK);
  ledgerOf(audit).start();
  return audit;
}

/** Adds `req.audit()` to each request, and captures refused requests and exports. Mount it before authentication. */
export function auditMiddleware(options: AuditMiddlewareOptions = {}): RequestHandler {
  return createAuditMiddleware(parseMiddlewareOptions(options, sharedAudit));
}

/** A read-only HTTP API on the trail of the request's tenant. Mount it behind authentication. */
export function auditRouter(options: AuditRouterOptions = {}): Router {
  return createAuditRouter(parseRouterOptions(options, sharedAudit));
}

/** The shared ledgers, by the connection that they are on: one for all copies of this version in a process. */
const SHARED = Symbol.for(`express-audit-ledger.shared@${VERSION}`);

/** The one ledger of those who give none. */
function sharedAudit(): Audit {
  const holder = globalThis as Record<symbol, WeakMap<Connection, Audit> | undefined>;
  const ledgers = (holder[SHARED] ??= new WeakMap());
  const { connection } = mongoose;
  const shared = ledgers.get(connection) ?? createAudit({ connection });
  ledgers.set(connection, shared);
  return shared;
}

/** By what it can do: the application's Mongoose may be another copy than ours. */
function isConnection(value: unknown): boolean {
  return (
    isObject(value) && typeof value['asPromise'] === 'function' && typeof value['collection'] === 'function'
  );
}
