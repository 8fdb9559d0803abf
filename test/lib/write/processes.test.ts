import { createAudit } from '../../support/create-audit';
import { allEntries } from '../../support/all-entries';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { sized } from '../../support/sized';
import { runWriters } from '../../support/writers';

const PROCESSES = sized(4, 6);
const EVENTS = sized(60, 1000);
/** Entries in one insert: small, so that each process is in the way of the others often. */
const BATCH = sized(6, 100);

describe(`when ${PROCESSES} processes write ${EVENTS} events each into one tenant at once`, () => {
  it('links all without fork, gap or duplicate, each process in its own order', async () => {
    const connection = await connect();
    const dbName = connection.name;
    const names = Array.from({ length: PROCESSES }, (_, i) => `writer-${i}`);
    const uri = sharedDatabaseUri();
    const receipts = await runWriters(
      names.map((name) => ({ uri, dbName, tenantId: 'hot', name, count: EVENTS, batch: BATCH })),
    );

    const audit = createAudit({ connection });
    const entries = await allEntries(audit, 'hot');

    expect(entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: PROCESSES * EVENTS }, (_, i) => i + 1),
    );
    expect(await audit.verify({ tenantId: 'hot' })).toMatchObject({
      verdict: 'intact',
      size: PROCESSES * EVENTS,
    });
    for (const name of names) {
      const own = entries.filter(({ actor }) => actor === name);
      expect(own.map(({ metadata }) => metadata)).toEqual(Array.from({ length: EVENTS }, (_, n) => ({ n })));
    }
    const stored = new Map(
      entries.map(({ id, tenantId, seq, hash, recordedAt }) => [id, { id, tenantId, seq, hash, recordedAt }]),
    );
    const given = receipts.flat();
    expect(new Set(given.map(({ id }) => id)).size).toBe(PROCESSES * EVENTS);
    expect(given).toEqual(given.map(({ id }) => stored.get(id)));
  });
});
