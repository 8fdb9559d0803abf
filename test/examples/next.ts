import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import type { Entry } from '../../index';
import { PATIENCE } from '../support/patience';
import { connectToBrowser } from '../support/shared-browser';
import { Trail } from '../support/trail-page';
import { missingIn, test } from './example';

/** The example for Next, used in a browser as people do, and ended under load. */
test('next', async (example) => {
  const browser = await connectToBrowser();
  try {
    const context = await browser.newContext({ baseURL: example.base, locale: 'en-GB', timezoneId: 'UTC' });
    context.setDefaultTimeout(PATIENCE);
    await use(await context.newPage());
  } finally {
    await browser.close();
  }
  const invite = await invitationOf(example.base);
  const answered = await example.endUnderLoad(invite);
  const entries = await example.trailOf('acme');
  const said = ({ action, actor, outcome }: Entry) => [action, actor, outcome];
  assert.deepEqual(entries.slice(0, 9).map(said), [
    ['auth.login', 'anonymous', 'failure'],
    ['auth.login', 'ada', 'success'],
    ['org.member.invite', 'ada', 'success'],
    ['data.export', 'ada', 'success'],
    ['org.member.remove', 'ada', 'success'],
    ['auth.logout', 'ada', 'success'],
    ['auth.login', 'bob', 'success'],
    ['auth.unauthorized_access', 'bob', 'denied'],
    ['auth.logout', 'bob', 'success'],
  ]);
  assert.deepEqual(missingIn(entries, answered), []);

  // What the middleware on Edge has refused came by the collector.
  const [refused, ...others] = await example.trailOf('site');
  assert.deepEqual(
    [refused?.action, refused?.outcome, others.length],
    ['auth.unauthorized_access', 'denied', 0],
  );
  assert.match(String(refused?.via), /^[a-z2-7]{12}$/);
  assert.deepEqual(refused?.context, { method: 'GET', path: '/members.csv', statusCode: 401 });
});

async function use(page: Page): Promise<void> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { name }).waitFor();
  const signIn = async (user: string, password?: string) => {
    await page.getByLabel('User').selectOption(user);
    if (password !== undefined) await page.getByLabel('Password').fill(password);
    await button('Sign in').click();
  };
  const invite = async (email: string) => {
    await page.getByLabel('Email').fill(email);
    await button('Invite').click();
  };

  await page.goto('/');
  await signIn('ada', 'a guess');
  await page.getByText('That is not the password.').waitFor();
  await signIn('ada');
  await heading('Members of acme');
  await invite('new@acme.example');
  await page.getByText('new@acme.example').waitFor();
  const csv = await page.request.get('/members.csv');
  assert.equal(await csv.text(), 'email\r\n"new@acme.example"');
  await button('Remove new@acme.example').click();
  await page.getByText('new@acme.example').waitFor({ state: 'detached' });

  // The trail as a page of the application's own.
  await page.getByRole('link', { name: 'History' }).click();
  await heading('History of acme');
  assert.deepEqual(await page.getByRole('row').allInnerTexts().then(actionsIn), [
    'org.member.remove',
    'data.export',
    'org.member.invite',
    'auth.login',
    'auth.login',
  ]);
  await page.getByRole('link', { name: 'Members' }).click();

  // The trail as the page that comes with it, which checks what it shows.
  await page.getByRole('link', { name: 'The audit trail' }).click();
  const trail = new Trail(page);
  await trail.marks(1, 'unanchored');
  assert.deepEqual(await trail.seqs(), [5, 4, 3, 2, 1]);
  await trail.isLive();
  await trail.openEntry(3);
  await trail.detail.getByText('new@acme.example').first().waitFor();

  await page.goto('/');
  await button('Sign out').click();
  await signIn('bob');
  await heading('Members of acme');
  assert.deepEqual(complaints, []);
  await invite('no@acme.example');
  await page.getByText('Only an administrator may do this.').waitFor();
  assert.equal((await page.request.get('/members.csv', { headers: { cookie: '' } })).status(), 401);
  await page.goto('/');
  await button('Sign out').click();
  await signIn('zoe');
  await heading('Members of globex');
  await page.goto('/history');
  assert.deepEqual(await page.getByRole('row').allInnerTexts().then(actionsIn), ['auth.login']);
}

function actionsIn(rows: string[]): string[] {
  return rows.map((row) => row.split('\t')[2] ?? '');
}

/** Invites by the form of the page, as a browser without JavaScript sends it. */
async function invitationOf(base: string): Promise<(email: string) => Promise<boolean>> {
  const submit = (form: FormData, cookie = '') =>
    fetch(base, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { cookie, origin: base, connection: 'close' },
    });
  const signIn = await formWith(base, 'password');
  signIn.append('user', 'ada');
  signIn.append('password', 'correct-horse-battery');
  const cookie = (await submit(signIn)).headers.getSetCookie()[0]!.split(';')[0]!;
  const hidden = await formWith(base, 'email', cookie);
  return async (email) => {
    const form = new FormData();
    for (const [name, value] of hidden) form.append(name, value);
    form.append('email', email);
    const answer = await submit(form, cookie);
    await answer.text();
    return answer.status === 200;
  };
}

/** The hidden fields of the page's form that has a field of this name. */
async function formWith(base: string, field: string, cookie = ''): Promise<FormData> {
  const html = await (await fetch(base, { headers: { cookie } })).text();
  const form = html.split('<form').find((part) => part.includes(`name="${field}"`)) ?? '';
  const fields = new FormData();
  for (const [, name = '', value = ''] of form.matchAll(/type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g))
    fields.append(name, value);
  return fields;
}
