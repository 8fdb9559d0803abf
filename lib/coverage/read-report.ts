import { AuditError } from '../errors';
import { OUTCOMES } from '../vocabulary';
import { Complaints, isObject } from '../util/complaints';
import { type CoverageReport, type RouteCoverage, toReport } from './report';

/**
 * Reads a report that `coverage.save` has written.
 * @param name of the file, for errors
 * @throws AuditError `UNREADABLE`.
 */
export function readReport(text: string, name: string): CoverageReport {
  const value = parsed(text, name);
  if (!isObject(value) || value['format'] !== 'express-audit-ledger/coverage' || value['version'] !== 1)
    throw unreadable(name, 'it is no report of auditCoverage');
  const { routes } = value;
  if (!Array.isArray(routes)) throw unreadable(name, 'it has no list of `routes`');
  return toReport(routes.map((route) => readRoute(route, name)));
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(name, 'it is no JSON');
  }
}

function readRoute(value: unknown, name: string): Omit<RouteCoverage, 'state'> {
  const complaints = new Complaints();
  const route = isObject(value) ? value : {};
  const { method, path, reason, sensitive, actions, outcomes } = route;
  if (typeof method !== 'string') complaints.add('method', 'a text', method);
  if (typeof path !== 'string') complaints.add('path', 'a text', path);
  for (const [field, text] of Object.entries({ reason, sensitive }))
    if (text !== undefined && typeof text !== 'string') complaints.add(field, 'a text', text);
  if (!Array.isArray(actions) || !actions.every((action) => typeof action === 'string'))
    complaints.add('actions', 'an array of names', actions);
  if (!isObject(outcomes) || !Object.entries(outcomes).every(isAnswers))
    complaints.add('outcomes', 'counts by outcome', outcomes);
  complaints.assertNone('UNREADABLE', `${name} cannot be used`);
  return value as Omit<RouteCoverage, 'state'>;
}

function isAnswers([outcome, counts]: [string, unknown]): boolean {
  if (!OUTCOMES.some((known) => known === outcome) || !isObject(counts)) return false;
  return ['answered', 'recorded'].every(
    (name) => Number.isSafeInteger(counts[name]) && Number(counts[name]) >= 0,
  );
}

function unreadable(name: string, why: string): AuditError {
  return new AuditError('UNREADABLE', `${name} cannot be used: ${why}.`);
}
