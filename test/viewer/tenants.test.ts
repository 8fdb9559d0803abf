import type { Page, Request } from 'playwright-core';
import { expectComplaint, textOfDownload } from '../support/chromium';
import { type Example, startExample, type User } from '../support/example';
import { eventually } from '../support/eventually';
import { Trail } from '../support/trail-page';

const TENANTS = ['acme', 'globex'] as const;
type Tenant = (typeof TENANTS)[number];

const ADMINS: Record<Tenant, User> = { acme: 'ada@acme.example', globex: 'grace@globex.example' };

/** What stands in all members of a tenant's entries, and in no others. */
const markerOf = (tenantId: Tenant) => `${tenantId}-only`;

/** An entry that names its tenant wherever a name can be. */
const eventOf = (tenantId: Tenant, n: number) => {
  const marker = `${markerOf(tenantId)}-${n}`;
  return {
    tenantId,
    id: marker,
    action: `org.${marker}`,
    actor: { id: `actor-${marker}`, name: `Name ${marker}` },
    resource: { id: `resource-${marker}`, type: marker, name: marker },
    metadata: { marker },
    before: { marker },
    after: { [marker]: 1 },
  };
};

let example: Example;

beforeAll(async () => {
  example = await startExample();
  for (const tenantId of TENANTS) {
    for (let n = 1; n <= 5; n++) await example.audit.event(eventOf(tenantId, n));
    await example.signIn(ADMINS[tenantId]);
    await example.audit.checkpoint(tenantId);
  }
});

/** Everything that a page is sent, the events of its streams, too. */
async function everythingSentTo(page: Page): Promise<{ texts: () => Promise<string[]>; events: string[] }> {
  const bodies: Promise<string>[] = [];
  const events: string[] = [];
  let isOver = false;
  page.on('requestfinished', (request) => {
    if (isOver) return;
    const body = bodyOf(request);
    body.catch(() => undefined); // who asks for the texts is told
    bodies.push(body);
  });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.eventSourceMessageReceived', ({ data }) => events.push(data));
  const texts = () => {
    isOver = true;
    return Promise.all(bodies);
  };
  return { texts, events };
}

/** The body of an answer with its address; a stream has no body, but events. */
async function bodyOf(request: Request): Promise<string> {
  const response = (await request.response())!;
  const isStream = response.headers()['content-type']?.startsWith('text/event-stream') ?? false;
  return `${response.url()}\n${isStream ? '' : await response.text()}`;
}

/** Looks at all that the page can show. */
async function lookAround(trail: Trail, own: Tenant): Promise<string> {
  const { page } = trail;
  await trail.marks(5, 'checked');
  await trail.openEntry(5);
  await page.keyboard.press('Escape');
  await trail.field('Action').click();
  const options = page.getByRole('listbox', { name: 'Known actions' }).getByRole('option');
  await options.filter({ hasText: 'org.*' }).waitFor();
  expect(await options.count()).toBe(7); // five, their group, and the sign-in
  await trail.field('Action').fill('org.*');
  await trail.field('Action').press('Enter');
  await trail.lists([5, 4, 3, 2, 1]);
  const downloading = page.waitForEvent('download');
  await trail.button('Export').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
  const file = await textOfDownload(await downloading);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  expect(file).toContain(markerOf(own));
  return file;
}

describe('two tenants who look at the same time', () => {
  it('see nothing of each other, in nothing that they are sent', async () => {
    const [acme, globex] = await Promise.all(
      TENANTS.map(async (tenantId) => {
        const page = await example.browse({ own: true, user: ADMINS[tenantId] });
        const sent = await everythingSentTo(page);
        await page.goto('/audit/');
        return { tenantId, trail: new Trail(page), sent };
      }),
    );
    const both = [acme!, globex!];
    const files = await Promise.all(both.map(({ trail, tenantId }) => lookAround(trail, tenantId)));
    await Promise.all(both.map(({ trail }) => trail.isLive()));
    for (let n = 6; n <= 8; n++)
      for (const tenantId of TENANTS) await example.audit.event(eventOf(tenantId, n));
    for (const { trail, tenantId, sent } of both) {
      await trail.grid.getByText(`org.${markerOf(tenantId)}-8`).waitFor();
      await eventually(() => expect(sent.events.length).toBeGreaterThanOrEqual(3));
    }
    for (const [i, { tenantId, sent, trail }] of both.entries()) {
      const [own, foreign] = [markerOf(tenantId), markerOf(both[1 - i]!.tenantId)];
      const all = [...(await sent.texts()), ...sent.events, files[i]!, await trail.page.content()];
      expect(all.length).toBeGreaterThan(10);
      expect(all.filter((text) => text.includes(own)).length).toBeGreaterThan(6);
      expect(all.filter((text) => text.includes(foreign))).toEqual([]);
      expect(
        all.filter((text) => /"tenantId": ?"(acme|globex)"/.exec(text)?.[1] === both[1 - i]!.tenantId),
      ).toEqual([]);
    }
  });

  it('get nothing of the other by a link of theirs', async () => {
    expectComplaint(/404/);
    const paths = [
      `?entry=${markerOf('globex')}-3`,
      `?actor=actor-${markerOf('globex')}-3`,
      '?tenantId=globex&action=org.*',
    ];
    for (const path of paths) {
      const page = await example.browse({ own: true, user: ADMINS.acme });
      const sent = await everythingSentTo(page);
      await page.goto(`/audit/${path}`);
      await page
        .getByRole('status')
        .filter({ hasText: /^Live$/ })
        .waitFor();
      await page.locator('[data-seq], .notice').first().waitFor();
      const bodies = (await sent.texts()).map((text) => text.slice(text.indexOf('\n')));
      expect(bodies.length).toBeGreaterThan(4);
      // What was asked for is named again where there is none.
      expect(bodies.filter((text) => text.includes(`resource-${markerOf('globex')}`))).toEqual([]);
      await page.close();
    }
  });
});
