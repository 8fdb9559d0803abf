import express from 'express';
import { auditRouter } from '../../index';
import { expectComplaint, newPage } from '../support/chromium';
import { eventually } from '../support/eventually';
import { type Example, listen, startExample } from '../support/example';
import { Trail } from '../support/trail-page';

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await example.signIn('ada@acme.example'); // the first entry
  const ada = { id: '64f1c0ffee64f1c0ffee64f1', name: 'Ada Lovelace' };
  const events = [
    {
      action: 'invoice.pay',
      actor: ada,
      resource: { id: 'i1', type: 'invoice' },
      metadata: { note: 'Refund 7' },
    },
    { action: 'contact.import', actor: { id: 'robot', type: 'service' }, context: { requestId: 'req-1' } },
    { action: 'invoice.read', actor: { id: 'sam', type: 'support', name: 'Sam', onBehalfOf: ada.id } },
    {
      action: 'contact.import',
      actor: { id: 'robot', type: 'service' },
      outcome: 'failure',
      occurredAt: '2026-03-05T12:00:00Z',
    },
  ] as const;
  for (const event of events) await example.audit.event({ tenantId: 'acme', ...event });
  await example.audit.checkpoint('acme');
});

const VIEWPORT = { width: 1400, height: 1400 };
const ALL = [5, 4, 3, 2, 1];

describe('finding', () => {
  it('leads from a name to the id, by a suggestion and by what is typed', async () => {
    const trail = await example.open({ viewport: VIEWPORT });
    await trail.lists(ALL);
    await trail.field('Actor').fill('lovel');
    await trail.page.getByRole('option', { name: /Ada Lovelace/ }).click();
    await trail.lists([2]);
    expect(trail.query).toEqual({ actor: '64f1c0ffee64f1c0ffee64f1' });
    await trail.field('Actor').fill('ada lovelace');
    await trail.field('Resource').click();
    await eventually(async () =>
      expect(await trail.field('Actor').inputValue()).toBe('64f1c0ffee64f1c0ffee64f1'),
    );
    await trail.lists([2]);
  });

  it('looks for words, kinds and request ids in all entries, and says how far', async () => {
    const trail = await example.open({ viewport: VIEWPORT });
    await trail.lists(ALL);
    await trail.button('More filters').click();
    for (const [field, text, seqs] of [
      ['Words in the entry', 'refund', [2]],
      ['Kind of resource', 'invoice', [2]],
      ['Request ID', 'req-1', [3]],
      ['On behalf of', '64f1c0ffee64f1c0ffee64f1', [4]],
    ] as const) {
      await trail.field(field).fill(text);
      await trail.field(field).press('Enter');
      await trail.lists(seqs);
      await trail.text('Looked at 5 entries').waitFor();
      await trail.text('look at entries one by one').waitFor();
      await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
      await trail.lists(ALL);
    }
    await trail.field('Action').fill('!contact.import');
    await trail.field('Action').press('Enter');
    await trail.lists([4, 2, 1]);
    await trail.field('Action').fill('invoice.pay | invoice.read');
    await trail.field('Action').press('Enter');
    await trail.lists([4, 2]);
    expect(new URL(trail.page.url()).searchParams.getAll('action')).toEqual(['invoice.pay', 'invoice.read']);
  });

  it('leaves out actors, by name as well, and finds what happened at a time and what did not succeed', async () => {
    const trail = await example.open({ viewport: VIEWPORT });
    await trail.lists(ALL);
    await trail.button('More filters').click();
    const byField = async (field: string, text: string, seqs: number[]) => {
      await trail.field(field).fill(text);
      await trail.field(field).press('Enter');
      await trail.lists(seqs);
    };
    await byField('Not by', 'robot', [4, 2, 1]);
    await byField('Not by', 'ada lovelace', [5, 4, 3, 1]);
    expect(trail.query).toEqual({ notActor: '64f1c0ffee64f1c0ffee64f1' });
    await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
    await byField('On behalf of', 'Ada Lovelace', [4]);
    await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
    await byField('Happened before', '2026-03-06T00:00', [5]);
    await byField('Happened from', '2026-03-05T13:00', []);
    expect(Object.keys(trail.query)).toEqual(['occurredFrom', 'occurredTo']);
    await trail.filters.getByRole('button', { name: 'Reset filters' }).click();
    await trail.field('Outcome').selectOption('Failure or Denied');
    await trail.lists([5]);
    expect(new URL(trail.page.url()).searchParams.getAll('outcome')).toEqual(['failure', 'denied']);
  });

  it('exports what a file can prove, and says what it cannot', async () => {
    const trail = await example.open({ path: '/audit/?text=refund', viewport: VIEWPORT });
    await trail.lists([2]);
    await trail.button('Export').click();
    const dialog = trail.page.getByRole('dialog');
    await dialog.getByText('Remove the other filters first').waitFor();
    expect(await dialog.getByRole('button', { name: 'Export' }).isDisabled()).toBe(true);
  });

  it('shows who acted for whom, by name, and long ids in short', async () => {
    const trail = await example.open({ viewport: VIEWPORT });
    await trail.lists(ALL);
    expect(await trail.row(4).textContent()).toMatch(
      /Sam\s*sam\s*Support\s*for\s*Ada Lovelace\s*64f1c0…64f1/,
    );
    await trail.openEntry(4);
    await trail.detail.getByText('Ada Lovelace').first().waitFor();
  });
});

describe('the page of an application in another origin', () => {
  it('has its name and way back, asks for a token, and shows the trail by it, live as well', async () => {
    expectComplaint(/401/); // the first token
    const host = express();
    const hostUrl = await listen(host);
    const api = express();
    const asked: (string | undefined)[] = [];
    api.use((req, _res, next) => {
      asked.push(req.headers.cookie);
      if (req.get('authorization') === 'Bearer t2')
        Object.assign(req, { user: { id: 'ada', tenantId: 'acme' } });
      next();
    });
    const bearer = { bearer: true, frameAncestors: [hostUrl], title: 'Acme activity', home: '/home' };
    api.use('/audit', auditRouter({ audit: example.audit, ...bearer }));
    const apiUrl = await listen(api);
    host.get('/', (_req, res) => {
      res.send(`<!doctype html><iframe src="${apiUrl}/audit/" width="1400" height="900"></iframe><script>
        let count = 0;
        addEventListener('message', ({ origin, source, data }) => {
          if (origin !== '${apiUrl}' || data?.type !== 'audit-ledger:token') return;
          source.postMessage({ type: 'audit-ledger:token', token: 't' + ++count }, origin);
        });
      </script>`);
    });
    const page = await newPage({ viewport: { width: 1440, height: 960 } });
    await page.goto(`${hostUrl}/`);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Acme activity' }).waitFor();
    expect(await frame.getByRole('link', { name: 'Back' }).getAttribute('href')).toBe('/home');
    await frame.getByText('invoice.pay').waitFor(); // by the second token: the first was refused
    await frame.getByText('Live', { exact: true }).waitFor();
    await example.audit.event({ tenantId: 'acme', action: 'org.rename', actor: 'ada' });
    await frame.getByText('org.rename').waitFor();
    expect(page.frames().at(-1)!.url()).toBe(`${apiUrl}/audit/`);
    expect(asked.filter((cookie) => cookie !== undefined)).toEqual([]);
  });

  it('is a page without a trail where nobody gives a token', async () => {
    expectComplaint(/401/);
    const api = express();
    api.use('/audit', auditRouter({ audit: example.audit, bearer: true }));
    const page = await newPage({ viewport: VIEWPORT });
    await page.goto(`${await listen(api)}/audit/`);
    await new Trail(page).text('You are not signed in').waitFor();
  });
});
