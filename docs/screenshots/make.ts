import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mongoose';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { createApp } from '../../example-app/app';
import { seed } from '../../example-app/seed';
import { Audit } from '../../lib/audit';
import { parseOptions } from '../../lib/options';
import type { AuditEvent } from '../../lib/event/event';
import { MongoStore } from '../../models/store/mongo-store';
import { findChromium } from '../../test/support/chromium-binary';
import { startDatabase } from '../../test/support/database-server';

const DAY = 24 * 3600 * 1000;
const DAYS = 30;
const TENANT = 'acme';

const PEOPLE = [
  { id: 'ada', name: 'Ada Lovelace' },
  { id: 'alan', name: 'Alan Turing' },
  { id: 'edith', name: 'Edith Clarke' },
  { id: 'katherine', name: 'Katherine Johnson' },
];

/** What happens in a small company, the frequent first. */
const EVENTS: ((n: number) => Partial<AuditEvent> & { action: string })[] = [
  () => ({ action: 'auth.login' }),
  (n) => ({ action: 'invoice.view', resource: { id: `INV-${2000 + (n % 90)}`, type: 'invoice' } }),
  (n) => ({
    action: 'org.member.invite',
    resource: { id: `inv_${n}`, type: 'invitation' },
    metadata: { role: 'member' },
  }),
  (n) => ({
    action: 'data.export',
    resource: `/contacts.csv`,
    metadata: { method: 'GET', responseSize: 5120 + n },
  }),
  () => ({
    action: 'auth.unauthorized_access',
    outcome: 'denied',
    actor: { id: 'anonymous', type: 'anonymous' },
  }),
  () => ({
    action: 'org.member.role_change',
    resource: { id: 'alan', type: 'user', name: 'Alan Turing' },
    before: { role: 'member', limits: { invites: 5, exports: false }, teams: ['sales'] },
    after: { role: 'admin', limits: { invites: 50, exports: true }, teams: ['sales', 'finance'] },
  }),
  (n) => ({
    action: 'org.api_key.create',
    resource: { id: `key_${n}`, type: 'api_key', name: 'Nightly sync' },
  }),
  () => ({ action: 'auth.login', outcome: 'failure' }),
];

/** Which of them, by a rule that looks like chance and gives the same each time. */
function eventOf(n: number): AuditEvent {
  const chance = (n * 7919) % 100;
  const event = EVENTS[chance < 40 ? 0 : chance < 70 ? 1 : 2 + (chance % 6)];
  const person = PEOPLE[((n * 31) % 17) % PEOPLE.length];
  const context = {
    ipAddress: `192.0.2.${10 + (n % 40)}`,
    method: 'POST',
    statusCode: 200,
    requestId: `req_${n}`,
  };
  return {
    tenantId: TENANT,
    actor: { type: 'user', ...(person ?? { id: 'ada' }) },
    context,
    ...event?.(n),
  } as AuditEvent;
}

/** A month of work, with its nights and weekends. */
async function record(audit: Audit, clock: { at: number }): Promise<void> {
  const now = Date.now();
  let n = 0;
  for (let at = now - DAYS * DAY; at < now; at += DAY / 24) {
    clock.at = at;
    const date = new Date(at);
    const isWorking = date.getUTCDay() % 6 !== 0 && date.getUTCHours() > 6 && date.getUTCHours() < 19;
    const batch = audit.batch();
    for (let count = isWorking ? 4 + (n % 7) : n % 2; count > 0; count--) batch.event(eventOf(n++));
    await batch.commit();
  }
  clock.at = now;
  await audit.checkpoint(TENANT);
}

/** The page of an admin, as far as it has checked what it shows. */
async function signedIn(browser: Browser, address: string, options: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB', timezoneId: 'Europe/London', ...options });
  await page.goto(address);
  await page.getByRole('button').click();
  await page.locator('[data-mark=checked]').first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined); // the stream of new entries never rests
  return page;
}

async function shoot(browser: Browser, address: string): Promise<void> {
  const desk = { width: 1280, height: 800 };
  const save = (page: Page, name: string) => page.screenshot({ path: join(__dirname, `${name}.png`) });
  await save(await signedIn(browser, address, { viewport: desk, colorScheme: 'light' }), 'light');
  const dark = await signedIn(browser, address, { viewport: desk, colorScheme: 'dark' });
  await dark.locator('[data-seq]', { hasText: 'org.member.role_change' }).first().click();
  await dark.getByRole('heading', { name: 'org.member.role_change' }).waitFor();
  await save(dark, 'dark');
  await save(await signedIn(browser, address, { viewport: { width: 390, height: 800 } }), 'phone');
}

async function serve(connection: Connection, use: (address: string) => Promise<void>): Promise<void> {
  const clock = { at: 0, now: () => clock.at, random: Math.random };
  const { privateKey: signingKey } = generateKeyPairSync('ed25519');
  const audit = new Audit(
    new MongoStore(connection),
    parseOptions({ ledger: 'audit.shop.example', signingKey }),
    clock,
  );
  await seed(connection);
  await record(audit, clock);
  const server = createApp({ connection, audit, sessionSecret: 'for the pictures alone' }).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.close();
  server.closeAllConnections();
  await audit.close();
}

/** Takes the pictures of the README from the example application. */
async function main(): Promise<void> {
  const database = await startDatabase();
  const connection = await createConnection(database.uri, {
    dbName: `screenshots_${Date.now()}`,
  }).asPromise();
  const browser = await chromium.launch({
    executablePath: await findChromium(console.error),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  await serve(connection, (address) => shoot(browser, address));
  await browser.close();
  await connection.dropDatabase();
  await connection.close();
  await database.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
