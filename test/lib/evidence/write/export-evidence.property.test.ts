import fc from 'fast-check';
import { assertExport, type Filter } from '../../../support/assert-export';
import { FORMATS, signingLedger } from '../../../support/evidence';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { sized } from '../../../support/sized';

describe('any chain and any filter', () => {
  it('gives what `list` gives and the entry of the export, and verifies', async () => {
    const audit = signingLedger(new MemoryStore());
    const names = fc.constantFrom('a', 'b', 'a.b', 'a.b.c', 'ä', '=1', ';', '"', '\r\n', '😀');
    const event = fc.record(
      {
        actor: names,
        action: names,
        resource: names,
        outcome: fc.constantFrom('success', 'failure', 'denied'),
      },
      { requiredKeys: ['action'] },
    );
    const filter = fc.record(
      {
        actor: names,
        action: fc.oneof(
          names,
          names.map((name) => `${name}*`),
        ),
        resource: names,
        outcome: fc.constantFrom('success', 'failure', 'denied'),
        startDate: fc.nat(700),
        endDate: fc.nat(700),
      },
      { requiredKeys: [] },
    );
    const chain = fc.tuple(
      fc.array(event, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 700 }),
    );
    let tenants = 0;
    const property = fc.asyncProperty(
      chain,
      filter,
      fc.constantFrom(...FORMATS),
      fc.boolean(),
      async ([events, size], { startDate, endDate, ...given }, format, includeChainProof) => {
        const tenantId = `tenant ${tenants++}`;
        const batch = audit.batch();
        for (let n = 0; n < size; n++) batch.event({ tenantId, ...events[(n * n) % events.length]! });
        const { receipts } = await batch.commit();
        const at = (n: number | undefined) => (n === undefined ? n : receipts[n % size]?.recordedAt);
        const filter = { ...given, startDate: at(startDate), endDate: at(endDate) } as Filter;
        await assertExport(audit, { tenantId, format, includeChainProof, ...filter });
      },
    );
    await fc.assert(property, { numRuns: sized(8, 20) });
  });
});
