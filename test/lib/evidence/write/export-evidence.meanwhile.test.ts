import { createAudit } from '../../../../index';
import { checkpointOrigin } from '../../../../lib/notes/checkpoint';
import { assertExport, type Filter, seqsListed } from '../../../support/assert-export';
import { connect } from '../../../support/connection';
import {
  exportedIn,
  FORMATS,
  LEDGER,
  manifestIn,
  SIGNING,
  signingLedger,
  textOf,
  verified,
  verifierKeyOf,
} from '../../../support/evidence';
import { sized } from '../../../support/sized';

describe('when others record meanwhile', () => {
  it('leaves out what is recorded once the tree is stated', async () => {
    const connection = await connect();
    const other = createAudit({ connection });
    const onCheckpoint = (note: string) =>
      note.startsWith(checkpointOrigin(LEDGER, 't')) ? other.event({ tenantId: 't', action: 'a.b' }) : null;
    const audit = createAudit({ connection, ...SIGNING, checkpoints: { onCheckpoint } });
    for (let n = 0; n < 300; n++) void audit.event({ tenantId: 't', action: 'a.b' });
    await audit.flush();
    for (const format of FORMATS) await assertExport(audit, { tenantId: 't', format });
    await assertExport(audit, { tenantId: 't', action: 'a.b' });
    await assertExport(audit, { tenantId: 't', startDate: '2020-01-01', endDate: '2999-01-01' });
  });

  it('verifies, and holds what was there when it began', async () => {
    const connection = await connect();
    const [audit, other] = [signingLedger(connection), createAudit({ connection })];
    const state = { ended: false };
    const writer = (async () => {
      for (let n = 0; !state.ended; n++) {
        const batch = other.batch();
        for (let i = 0; i < 20; i++) batch.event({ tenantId: 't', action: 'a.b', actor: `actor-${n % 2}` });
        await batch.commit();
      }
    })();
    const filters: Filter[] = [{}, { actor: 'actor-1' }, { endDate: '2999-01-01' }, { action: 'audit.*' }];
    for (let round = 0; round < sized(1, 2); round++)
      await Promise.all(
        filters.map(async (filter, i) => {
          const format = FORMATS[i % 3] as (typeof FORMATS)[number];
          const listed = await seqsListed(audit, 't', filter);
          const text = await textOf(await audit.exportEvidence({ tenantId: 't', format, ...filter }));
          const report = await verified(text, { keys: [verifierKeyOf('t')] });
          expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed', statedBySigner: true });
          const exported = exportedIn(text, format).map(({ seq }) => seq);
          expect(exported.slice(0, listed.length)).toEqual(listed);
          expect(exported.at(-1)).toBeLessThanOrEqual(manifestIn(text, format).treeSize);
        }),
      );
    state.ended = true;
    await writer;
  });
});
