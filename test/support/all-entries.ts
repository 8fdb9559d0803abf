import type { Audit, Entry } from '../../index';

/** All entries of a tenant, oldest first, of a chain that is intact. */
export async function allEntries(audit: Audit, tenantId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  do {
    const page = await audit.list({ tenantId, order: 'asc', limit: 1000, cursor });
    entries.push(...page);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(await audit.verify({ tenantId })).toMatchObject({ verdict: 'intact', size: entries.length });
  return entries;
}
