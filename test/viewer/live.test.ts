import { expectComplaint } from '../support/chromium';
import { type Example, startExample } from '../support/example';
import { recordSome, someEvent } from '../support/some-entries';
import { eventually } from '../support/eventually';
import { LEDGER } from '../support/signing';
import { sharedDatabaseUri } from '../support/database';
import { createConnection } from 'mongoose';
import { createAudit } from '../support/create-audit';

const SIZE = 120;

let example: Example;
/** The number of the newest entry. */
let newest: number;

beforeAll(async () => {
  example = await startExample();
  await recordSome(example.audit, SIZE);
  await example.signIn('ada@acme.example');
  await example.audit.checkpoint('acme');
});

beforeEach(async () => {
  newest = (await example.audit.list({ tenantId: 'acme', limit: 1 }))[0]!.seq;
});

const record = (event: object = {}) => example.audit.event({ ...someEvent(1), ...event });

describe('an entry that is recorded while somebody looks', () => {
  it('appears at the top, once, and is checked', async () => {
    const trail = await example.open();
    await trail.row(newest).waitFor();
    await trail.isLive();
    await record();
    await record();
    await trail.marks(newest + 2, 'unanchored');
    expect((await trail.seqs()).slice(0, 4)).toEqual([newest + 2, newest + 1, newest, newest - 1]);
    await trail.foot.getByText(`${newest + 2} entries`, { exact: true }).waitFor();
    expect(await trail.button(/new entr/).count()).toBe(0);
  });

  it('appears when another process has recorded it', async () => {
    const connection = await createConnection(sharedDatabaseUri(), {
      dbName: example.connection.name,
    }).asPromise();
    const other = createAudit({ connection, ledger: LEDGER, signingKey: example.key });
    try {
      const trail = await example.open();
      await trail.isLive();
      await other.event({ ...someEvent(1), actor: 'elsewhere' });
      await trail
        .row(newest + 1)
        .getByText('elsewhere')
        .waitFor();
    } finally {
      await other.close();
      await connection.close();
    }
  });

  it('waits above the list of somebody who reads further down', async () => {
    const trail = await example.open();
    await trail.row(newest).waitFor();
    await trail.isLive();
    await trail.grid.hover();
    await trail.page.mouse.wheel(0, 1000);
    await trail.row(newest).waitFor({ state: 'detached' });
    const before = await trail.seqs();
    await record();
    await trail.button('1 new entry').waitFor();
    await record();
    const pill = trail.button('2 new entries');
    await pill.waitFor();
    expect(await trail.seqs()).toEqual(before);

    await pill.click();
    await trail.row(newest + 2).waitFor();
    await pill.waitFor({ state: 'detached' });
    expect((await trail.seqs()).slice(0, 3)).toEqual([newest + 2, newest + 1, newest]);
    expect(await trail.focused()).toBe('grid Entries, newest first');
  });

  it('does not move what somebody has chosen', async () => {
    const trail = await example.open();
    await trail.isLive();
    await trail.openEntry(newest - 1);
    await record();
    await trail.row(newest + 1).waitFor();
    expect(await trail.row(newest - 1).getAttribute('aria-selected')).toBe('true');
    await trail.page.keyboard.press('Escape');
    await trail.page.keyboard.press('ArrowDown');
    await trail.page.keyboard.press('Enter');
    await trail.shows(newest - 2);
  });

  it('appears only where the filter does not exclude it', async () => {
    const trail = await example.open({ path: '/audit/?outcome=denied' });
    await trail.row(117).waitFor();
    await trail.isLive();
    const before = await trail.seqs();
    await record({ outcome: 'success' });
    await record({ outcome: 'denied' });
    await trail.row(newest + 2).waitFor();
    expect(await trail.seqs()).toEqual([newest + 2, ...before]);
  });

  it('does not appear in a period that has ended', async () => {
    const trail = await example.open({ path: '/audit/?from=2020-01-01&to=2020-01-02' });
    await trail.text('Not live: the period has ended').waitFor();
    await trail.text('No entry matches these filters').waitFor();
  });

  it('is there once and in order after many at once', async () => {
    const trail = await example.open();
    await trail.isLive();
    await Promise.all(Array.from({ length: 30 }, () => record()));
    await trail.row(newest + 30).waitFor();
    await eventually(async () => {
      const seqs = await trail.seqs();
      expect(seqs).toEqual(seqs.map((_, i) => newest + 30 - i));
      expect(seqs.length).toBeGreaterThan(10);
    });
  });

  it('is told of to those who do not see the list', async () => {
    const trail = await example.open();
    await trail.isLive();
    await trail.grid.hover();
    await trail.page.mouse.wheel(0, 1000);
    await trail.row(newest).waitFor({ state: 'detached' });
    await record();
    await trail.page
      .getByRole('status')
      .getByText('1 new entry', { exact: true })
      .waitFor({ state: 'attached' });
  });

  it('appears after the connection was lost', async () => {
    const trail = await example.open({ own: true });
    await trail.isLive();
    await trail.row(newest).waitFor();
    expectComplaint(/Failed to load|ERR_/);
    await trail.page.context().setOffline(true);
    example.hangUp();
    await trail.text('Connection lost, trying again …').waitFor();
    await record();
    await record();
    await trail.page.context().setOffline(false);
    await trail.row(newest + 2).waitFor();
    expect((await trail.seqs()).slice(0, 3)).toEqual([newest + 2, newest + 1, newest]);
  });
});
