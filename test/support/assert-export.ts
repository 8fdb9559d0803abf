import type { Audit, ExportQuery, ListQuery } from '../../index';
import { allListed, exportedIn, textOf, verified, verifierKeyOf } from './evidence';

/** What an export is asked for beside its tenant and its form. */
export type Filter = Omit<ExportQuery, 'tenantId' | 'format' | 'includeChainProof'>;

/** What `list` is asked for the same entries. */
function listQueryOf(tenantId: string, { startDate, endDate, exportedBy, ...filter }: Filter): ListQuery {
  return { tenantId, ...filter, from: startDate, to: endDate };
}

/** `seq` of the entries that `list` gives, oldest first. */
export async function seqsListed(audit: Audit, tenantId: string, filter: Filter): Promise<number[]> {
  return (await allListed(audit, listQueryOf(tenantId, filter))).map(({ seq }) => seq);
}

/** Exports, and holds the file to what `list` gave before it and to the verifier. Gives its text. */
export async function assertExport(audit: Audit, query: ExportQuery): Promise<string> {
  const { tenantId, format = 'jsonl', includeChainProof = true, ...filter } = query;
  const listed = await seqsListed(audit, tenantId, filter);
  const text = await textOf(await audit.exportEvidence(query));
  const exported = exportedIn(text, format);
  const own = exported.at(-1)?.seq ?? 0;
  const { actor, action = '*', resource, outcome } = filter;
  const isByDates = action === '*' && [actor, resource, outcome].every((value) => value === undefined);
  const seqs = exported.slice(0, -1).map(({ seq }) => seq);
  if (isByDates && includeChainProof) expectWithNeighbours(seqs, listed, own);
  else expect(seqs).toEqual(listed);
  const [entry] = await audit.list({ tenantId, action: 'audit.export', limit: 1 });
  expect(exported.at(-1)).toEqual({ seq: entry?.seq, hash: entry?.hash });
  if (!includeChainProof) return text;
  expect(await verified(text, { keys: [verifierKeyOf(tenantId)] })).toMatchObject({
    verdict: 'intact',
    anchor: 'signed',
    problems: [],
    statedBySigner: true,
    tenantId,
    entryCount: exported.length,
    matchCount: listed.length,
    isComplete: isByDates,
    size: own,
  });
  return text;
}

/** One run: what was asked for, the entry before it and the one behind, where there are such before the export's own. */
function expectWithNeighbours(seqs: number[], listed: number[], own: number): void {
  const [first = 0, last = 0] = [seqs[0], seqs.at(-1)];
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => first + i));
  const [from, to] = [listed[0], listed.at(-1)];
  if (from !== undefined && to !== undefined)
    expect([first, last]).toEqual([Math.max(1, from - 1), Math.min(own - 1, to + 1)]);
  else expect(seqs.length).toBeLessThanOrEqual(2);
}
