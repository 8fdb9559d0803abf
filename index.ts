import type { RequestHandler, Router } from 'express';
import mongoose, { type Connection } from 'mongoose';
import { Audit } from './lib/audit';
import { isObject } from './lib/complaints';
import { AuditError } from './lib/errors';
import { type LedgerOptions, parseOptions } from './lib/options';
import { quote } from './lib/quote';
import { createAuditMiddleware } from './middleware/audit-middleware';
import {
  type AuditMiddlewareOptions,
  type AuditRouterOptions,
  parseMiddlewareOptions,
  parseRouterOptions,
} from './middleware/options';
import { createAuditRouter } from './middleware/router/audit-router';
import { MongoStore } from './models/mongo-store';

export type { Audit, EventOptions, PendingReceipt } from './lib/audit';
export type { Problem, ProblemKind } from './lib/chain/check';
export type { Entry, Json, JsonObject, Receipt } from './lib/chain/entry';
export { AuditError, type AuditErrorCode, isAuditError } from './lib/errors';
export type { LedgerOptions, Limits } from './lib/options';
export type { ExportQuery } from './lib/read/export-query';
export type { CheckpointOptions } from './lib/merkle/checkpoints';
export type { InclusionProof } from './lib/merkle/prover';
export type { ListQuery } from './lib/read/query';
export type { EntryPage } from './lib/read/reader';
export type { Actor, AuditEvent, EventContext, Resource } from './lib/record/event';
export type { Identifier } from './lib/record/identifier';
export type { RedactOptions } from './lib/record/secrets';
export type { EvidenceReport } from './lib/evidence/report';
export type { VerifyEvidenceOptions } from './lib/evidence/options';
export { verifyEvidence } from './lib/evidence/verify-evidence';
export type { AuditSignals, Logger } from './lib/signals';
export type { VerificationReport, VerifyOptions } from './lib/verify/verify';
export type { Session } from './lib/store';
export type { ActorType, Outcome } from './lib/vocabulary';
export type { Batch, CommittedBatch } from './lib/write/batch';
export type { WriteStats } from './lib/write/recording';
export type { RecordAccess } from './middleware/router/access';
export type { Permission } from './middleware/router/admission';
export type { CaptureOptions, CaptureSwitch } from './middleware/capture';
export type { Identify, Identity } from './middleware/identity';
export type { AuditMiddlewareOptions, AuditRouterOptions } from './middleware/options';

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
  const given: unknown = options;
  if (!isObject(given))
    throw new AuditError('INVALID_OPTIONS', `createAudit takes an object of options, got ${quote(options)}.`);
  const { connection = mongoose.connection, ...ledger } = options;
  const parsed = parseOptions(ledger);
  if (!isConnection(connection)) {
    throw new AuditError(
      'INVALID_OPTIONS',
      'createAudit: `connection` must be a Mongoose Connection, such as mongoose.connection.',
    );
  }
  const audit = new Audit<Action>(new MongoStore(connection), parsed, CLOCK);
  audit.start();
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

let shared: Audit | undefined;

/** The one ledger of those who give none. */
function sharedAudit(): Audit {
  return (shared ??= createAudit());
}

/** By what it can do: the application's Mongoose may be another copy than ours. */
function isConnection(value: unknown): boolean {
  return (
    isObject(value) && typeof value['asPromise'] === 'function' && typeof value['collection'] === 'function'
  );
}
