import type { Request } from 'express';
import { Complaints } from '../lib/complaints';
import type { ExportQuery } from '../lib/read/export-query';
import type { ListQuery } from '../lib/read/query';
import { EVIDENCE_FORMATS } from '../lib/vocabulary';

const PARAMETERS = ['limit', 'cursor', 'order', 'actor', 'action', 'resource', 'outcome', 'from', 'to'];

/**
 * The parameters of `list` in a request. Read from the URL itself: the application's query parser may make objects of
 * them, or nothing at all.
 * @throws AuditError `INVALID_QUERY` for unknown and repeated ones.
 */
export function listQueryOf(req: Request): Omit<ListQuery, 'tenantId'> {
  const { limit, ...texts } = queryOf(req, PARAMETERS);
  return {
    ...texts,
    ...(limit !== undefined && { limit: /^\d+$/.test(limit) ? Number(limit) : limit }),
  } as ListQuery;
}

const EXPORT_PARAMETERS = ['format', 'proof', 'actor', 'action', 'resource', 'outcome', 'from', 'to'];

/**
 * The parameters of an export in a request.
 * @throws AuditError `INVALID_QUERY`.
 */
export function exportQueryOf(req: Request): Omit<ExportQuery, 'tenantId'> {
  const { from: startDate, to: endDate, format, proof, ...texts } = queryOf(req, EXPORT_PARAMETERS);
  const complaints = new Complaints();
  if (format !== undefined && !EVIDENCE_FORMATS.some((known) => known === format))
    complaints.add('format', `one of ${EVIDENCE_FORMATS.join(', ')}`, format);
  if (proof !== undefined && proof !== 'true' && proof !== 'false')
    complaints.add('proof', 'true or false', proof);
  complaints.assertNone('INVALID_QUERY', 'The query is not valid');
  const dates = { startDate, endDate };
  return { ...texts, ...dates, format, includeChainProof: proof !== 'false' } as Omit<
    ExportQuery,
    'tenantId'
  >;
}

/** @throws AuditError `INVALID_QUERY` when the request has a parameter. */
export function noQueryOf(req: Request): void {
  queryOf(req, []);
}

function queryOf(req: Request, known: string[]): Record<string, string> {
  const parameters = [...new URLSearchParams(req.url.split('?').slice(1).join('?'))];
  const query = Object.fromEntries(parameters);
  const complaints = new Complaints();
  complaints.unknownFields(query, known);
  const repeated = parameters.find(([name], i) => parameters.findIndex(([other]) => other === name) < i);
  if (repeated)
    complaints.add(
      repeated[0],
      'given once',
      parameters.filter(([name]) => name === repeated[0]),
    );
  complaints.assertNone('INVALID_QUERY', 'The query is not valid');
  return query;
}
