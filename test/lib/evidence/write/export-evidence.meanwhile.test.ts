import { createAudit } from '../../../support/create-audit';
import { Audit } from '../../../../lib/audit';
import { parseOptions } from '../../../../lib/options';
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
import { MemoryStore } from '../../../../models/memory/memory-store';
import { until } from '../../../support/deadline';
import { eventually } from '../../../support/eventually';
import { sharedDatabaseUri } from '../../../support/database';
import { sized } from '../../../support/sized';
import type { WriterTask } from '../../../support/writer-process';
import { runWriters } from '../../../support/writers';

/** Does something while four processes write to a chain, and begin again as often as they have ended. */
async function whileOthersWrite(
  place: Pick<WriterTask, 'uri' | 'dbName' | 'tenantId'>,
  work: () => Promise<void>,
): Promise<void> {
  const state = { isOver: false };
  const tasksOf = (round: number) =>
    ['a', 'b', 'c', 'd'].map((name) => ({ ...place, name: `${name}${round}`, count: 300, batch: 10 }));
  const writing = (async () => {
    for (let round = 0; !state.isOver; round++) await runWriters(tasksOf(round));
  })();
  try {
    await work();
  } finally {
    state.isOver = true;
    await writing;
  }
}

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

  it('is complete by its own proof while four processes write, whatever its dates are', async () => {
    const EXPORTS = sized(8, 50);
    const connection = await connect();
    const audit = signingLedger(connection);
    const { recordedAt: beginning } = await audit.event({ tenantId: 't', action: 'a.b' });
    const place = { uri: sharedDatabaseUri(), dbName: connection.name, tenantId: 't' };
    const owns: number[] = [];
    const exportAgainAndAgain = async () => {
      await eventually(async () => expect(await audit.list({ tenantId: 't', limit: 50 })).toHaveLength(50));
      for (let n = 0; n < EXPORTS; n++) {
        const isLonger = async () =>
          ((await audit.list({ tenantId: 't', limit: 1 }))[0]?.seq ?? 0) > (owns.at(-1) ?? 0);
        await until(isLonger, 'others have recorded since the last export');
        const [newest] = await audit.list({ tenantId: 't', limit: 1 });
        const [older] = await audit.list({ tenantId: 't', to: newest?.recordedAt, limit: 1 });
        const [from, to] = [older?.recordedAt ?? beginning, newest?.recordedAt];
        const filters: Filter[] = [
          { startDate: from },
          { startDate: beginning, endDate: to },
          { startDate: from, endDate: to },
          { startDate: to, endDate: '2999-01-01' },
          {},
          { endDate: from },
          { startDate: '2998-01-01' },
          { endDate: '2001-01-01' },
        ];
        const format = FORMATS[n % 3] as (typeof FORMATS)[number];
        const query = { tenantId: 't', format, ...filters[n % filters.length] };
        const text = await textOf(await audit.exportEvidence(query));
        const report = await verified(text, { keys: [verifierKeyOf('t')] });
        expect(report).toMatchObject({
          problems: [],
          anchor: 'signed',
          statedBySigner: true,
          isComplete: true,
        });
        owns.push(exportedIn(text, format).at(-1)?.seq ?? 0);
      }
    };
    await whileOthersWrite(place, exportAgainAndAgain);
    expect(owns).toHaveLength(EXPORTS);
  });

  it('holds an earlier export of the same instant as one of its entries', async () => {
    // By a clock that stands, all exports say the same.
    const audit = new Audit(new MemoryStore(), parseOptions(SIGNING), {
      now: () => 1e12,
      random: Math.random,
    });
    await audit.event({ tenantId: 't', action: 'a.b' });
    for (const seqs of [
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
    ]) {
      const text = await textOf(await audit.exportEvidence({ tenantId: 't' }));
      expect(exportedIn(text, 'jsonl').map(({ seq }) => seq)).toEqual(seqs);
      expect(await verified(text, { keys: [verifierKeyOf('t')] })).toMatchObject({
        problems: [],
        statedBySigner: true,
        isComplete: true,
        matchCount: seqs.length - 1,
      });
    }
  });
});
