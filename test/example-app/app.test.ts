import type { Express } from 'express';
import type { Audit, Entry } from 'express-audit-ledger';
import type { Connection } from 'mongoose';
import request from 'supertest';
import { createApp } from '../../example-app/app';
import { createLedger } from '../../example-app/ledger';
import { modelsOn } from '../../example-app/models';
import { DEMO_PASSWORD, seed } from '../../example-app/seed';
import { connect } from '../support/connection';
import { entryOf } from './entry-of';

type Agent = ReturnType<typeof request.agent>;

const SECRET = 'a secret for cookies';

let connection: Connection;
let audit: Audit;
let app: Express;

beforeAll(async () => {
  connection = await connect();
  await seed(connection);
  audit = createLedger(connection);
  app = createApp({ connection, audit, sessionSecret: SECRET });
});

afterAll(() => audit.close());

const agents = new Map<string, Promise<Agent>>();

/** Somebody with a session, which all tests share: a password takes long to be looked at, and is meant to. */
function signedIn(email: string): Promise<Agent> {
  const agent = agents.get(email) ?? newlySignedIn(email);
  agents.set(email, agent);
  return agent;
}

async function newlySignedIn(email: string): Promise<Agent> {
  const agent = request.agent(app);
  await agent.post('/sign-in').send({ email, password: DEMO_PASSWORD }).expect(200);
  return agent;
}

async function entriesOf(tenantId: string, action: string): Promise<Entry[]> {
  await audit.flush(); // what was committed in a transaction is linked after it
  return [...(await audit.list({ tenantId, action, limit: 1000 }))];
}

function signIn(email = 'ada@acme.example') {
  return request(app).post('/sign-in').send({ email, password: DEMO_PASSWORD });
}

function cookieOf(response: request.Response): string {
  return response.get('Set-Cookie')!.join();
}

describe('when somebody signs in', () => {
  it('records it before the session begins', async () => {
    const response = await signIn('Ada@acme.example');

    expect(response.body).toEqual({ id: 'ada', tenantId: 'acme', name: 'Ada', role: 'admin' });
    const [entry] = await entriesOf('acme', 'auth.login');
    expect(entry).toMatchObject({ actor: 'ada', outcome: 'success', context: { route: '/sign-in' } });
  });

  it('gives a cookie that neither scripts nor other sites can use', async () => {
    expect(cookieOf(await signIn())).toMatch(/^sid=.*; HttpOnly; SameSite=Lax$/);
  });

  it('ends the session before: its id could have been planted', async () => {
    const planted = cookieOf(await signIn());
    const own = cookieOf(await signIn().set('Cookie', planted));

    expect(own).not.toBe(planted);
    await request(app).get('/members').set('Cookie', planted).expect(401);
    await request(app).get('/members').set('Cookie', own).expect(200);
  });
});

describe('when somebody signs in by the form of the start page', () => {
  /** Whom the form offers, by what it calls them. */
  async function offered(): Promise<[email: string, label: string][]> {
    const { text } = await request(app).get('/').set('Accept', 'text/html').expect(200);
    return [...text.matchAll(/<option value="(.+?)">(.+?)</g)].map(([, email, label]) => [email!, label!]);
  }

  it('opens a trail, unless it says that they may read none', async () => {
    const users = await offered();
    const statuses = users.map(async ([email]) => {
      const agent = request.agent(app);
      const form = agent.post('/sign-in').type('form').send({ email, password: DEMO_PASSWORD });
      return (await form.set('Accept', 'text/html').redirects(1)).status;
    });

    expect(users.map(([email]) => email.split('@')[0])).toEqual(['ada', 'alan', 'grace', 'sam']);
    const expected = users.map(([, label]) => (label.includes('may not read the trail') ? 403 : 200));
    expect(await Promise.all(statuses)).toEqual(expected);
  });

  it('shows Sam the trails that the page links to, which it says are for Sam', async () => {
    const { text } = await request(app).get('/').set('Accept', 'text/html');
    const links = [...text.matchAll(/<a href="(.+?)"/g)].map(([, link]) => `/${link}`);
    const sam = await signedIn('sam@vendor.example');
    for (const link of ['/support/audit/acme/', ...links]) await sam.get(link).expect(200);

    expect(links).toEqual(['/support/audit/globex/']);
    expect(text).toContain('Sign in as Sam first');
  });
});

describe('when a sign-in fails', () => {
  it('records it in the trail of the tenant whose account was tried', async () => {
    const attempt = { email: 'grace@globex.example', password: 'not-the-password' };
    await request(app).post('/sign-in').send(attempt).expect(401);

    const entry = await entryOf(audit, { tenantId: 'globex', action: 'auth.login', outcome: 'failure' });
    expect(entry).toMatchObject({ actor: 'anonymous', resource: 'grace', resourceType: 'user' });
    expect(JSON.stringify(entry)).not.toContain(attempt.password);
  });

  it('names no user of another tenant who happens to be signed in', async () => {
    const agent = await newlySignedIn('ada@acme.example'); // whom a sign-in may sign out
    await agent.post('/sign-in').send({ email: 'linus@globex.example', password: 'guess' }).expect(401);

    const entry = await entryOf(audit, { tenantId: 'globex', action: 'auth.login', resource: 'linus' });
    expect(entry).toMatchObject({ actor: 'anonymous', actorType: 'anonymous' });
  });

  it('leaves an account that nobody has to the ledger’s own trail', async () => {
    const from = new Date(); // other refusals are there already
    await signIn('eve@nowhere.example').expect(401);

    const entry = await entryOf(audit, { tenantId: 'system', action: 'auth.unauthorized_access', from });
    expect(entry).toMatchObject({ actor: 'anonymous', outcome: 'denied', context: { route: '/sign-in' } });
  });

  it('takes no object for a password', async () => {
    const attempt = { email: 'ada@acme.example', password: { $ne: null } };
    await request(app).post('/sign-in').send(attempt).expect(400);
  });
});

describe('when somebody signs out', () => {
  it('records it, and the session is worth nothing any more', async () => {
    const agent = await newlySignedIn('linus@globex.example');
    await agent.post('/sign-out').expect(204);

    expect(await entriesOf('globex', 'auth.logout')).toMatchObject([{ actor: 'linus' }]);
    await agent.get('/members').expect(401);
  });
});

describe('when an admin invites a member', () => {
  it('records the invitation without the address', async () => {
    const ada = await signedIn('ada@acme.example');
    const invitation = { email: 'new@acme.example', role: 'member' };
    const { body } = await ada.post('/members/invitations').send(invitation).expect(201);

    const [entry] = await entriesOf('acme', 'org.member.invite');
    const { id } = body as { id: string };
    expect(entry).toMatchObject({ actor: 'ada', resource: id, metadata: { role: 'member' } });
    expect(JSON.stringify(entry)).not.toContain(invitation.email);
  });
});

describe('when an admin changes a role', () => {
  it('records it with before and after', async () => {
    const grace = await signedIn('grace@globex.example');
    await grace.patch('/members/linus').send({ role: 'admin' }).expect(200);
    await grace.patch('/members/linus').send({ role: 'member' }).expect(200);

    expect(await entriesOf('globex', 'org.member.role_change')).toMatchObject([
      { resource: 'linus', before: { role: 'admin' }, after: { role: 'member' } },
      { resource: 'linus', before: { role: 'member' }, after: { role: 'admin' } },
    ]);
  });

  it('finds no member of another tenant, and records nothing', async () => {
    const ada = await signedIn('ada@acme.example');
    await ada.patch('/members/linus').send({ role: 'admin' }).expect(404);

    expect(await modelsOn(connection).User.findById('linus')).toMatchObject({ role: 'member' });
    expect(await entriesOf('acme', 'org.member.role_change')).toEqual([]);
  });

  it('leaves the admin’s own as it is', async () => {
    const ada = await signedIn('ada@acme.example');
    await ada.patch('/members/ada').send({ role: 'member' }).expect(409);
  });
});

describe('when an admin creates an API key', () => {
  it('shows the secret once, and neither records nor stores it', async () => {
    const ada = await signedIn('ada@acme.example');
    const { body } = await ada.post('/api-keys').send({ name: 'Nightly sync' }).expect(201);
    const { id, prefix, secret } = body as Record<string, string>;

    const [entry] = await entriesOf('acme', 'org.api_key.create');
    expect(entry).toMatchObject({ resource: id, resourceName: 'Nightly sync', metadata: { prefix } });
    const stored = await modelsOn(connection).ApiKey.findById(id).select('+secretHash');
    for (const kept of [entry, stored]) expect(JSON.stringify(kept)).not.toContain(secret);
  });
});

describe('when a member downloads the contacts', () => {
  it('gives those of the tenant, and the middleware records the download with its size', async () => {
    const alan = await signedIn('alan@acme.example');
    const { text } = await alan.get('/contacts.csv').expect(200);

    expect(text).toContain('"Tim","tim@customer-of-acme.example"');
    expect(text).not.toContain('globex');
    const entry = await entryOf(audit, { tenantId: 'acme', action: 'data.export' });
    expect(entry).toMatchObject({
      actor: 'alan',
      resource: '/contacts.csv',
      metadata: { responseSize: Buffer.byteLength(text) },
    });
  });
});

describe('when 1,000 contacts are imported', () => {
  it('records each of them', async () => {
    const grace = await signedIn('grace@globex.example');
    const contacts = Array.from({ length: 1000 }, (_, i) => ({ name: `=${i}`, email: `${i}@example.com` }));
    await grace.post('/contacts/import').send(contacts).expect(201, { imported: 1000 });

    await audit.flush(); // they were part of the transaction, and are linked behind it
    const entries = await entriesOf('globex', 'contact.import');
    const imported = await modelsOn(connection).Contact.find({ tenantId: 'globex', name: /^=/ });
    expect(entries.map(({ resource }) => resource).sort()).toEqual(imported.map(({ id }) => id).sort());
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(['grace']));
  });

  it('writes no formulas into the download', async () => {
    const grace = await signedIn('grace@globex.example');
    const { text } = await grace.get('/contacts.csv');

    expect(text).toContain(`"'=999","999@example.com"`);
  });

  it('takes no more at once', async () => {
    const grace = await signedIn('grace@globex.example');
    const contacts = Array.from({ length: 1001 }, () => ({ name: 'n', email: 'e' }));
    await grace.post('/contacts/import').send(contacts).expect(400);
  });
});

describe('when an admin reads the trail', () => {
  it('shows the admin’s own tenant, whatever the query says', async () => {
    const ada = await signedIn('ada@acme.example');
    const { body } = await ada.get('/audit/entries').expect(200);
    const tenants = (body as { entries: Entry[] }).entries.map(({ tenantId }) => tenantId);

    expect(new Set(tenants)).toEqual(new Set(['acme']));
    await ada.get('/audit/entries?tenantId=globex').expect(400);
  });

  it('finds no entry of another tenant', async () => {
    const [entry] = await entriesOf('globex', 'auth.*');
    const grace = await signedIn('grace@globex.example');
    const ada = await signedIn('ada@acme.example');

    await grace.get(`/audit/entries/${entry!.id}`).expect(200);
    await ada.get(`/audit/entries/${entry!.id}`).expect(404);
  });

  it('verifies that the trail is intact', async () => {
    const ada = await signedIn('ada@acme.example');
    const { size } = await audit.verify({ tenantId: 'acme' });
    const { body } = await ada.get('/audit/verify').expect(200);

    expect(body).toMatchObject({ verdict: 'intact', size, problemCount: 0 });
  });
});

describe('when a member wants what only admins may do', () => {
  it.each([
    ['post', '/members/invitations'],
    ['patch', '/members/ada'],
    ['post', '/api-keys'],
  ] as const)('refuses to %s %s, and the middleware records it', async (method, path) => {
    const alan = await signedIn('alan@acme.example');
    const refused = { tenantId: 'acme', actor: 'alan', action: 'auth.unauthorized_access' };
    const from = new Date();
    await alan[method](path).send({ name: 'n', email: 'e', role: 'admin' }).expect(403);

    expect(await entryOf(audit, { ...refused, from })).toMatchObject({
      outcome: 'denied',
      context: { path, statusCode: 403 },
    });
  });

  it('does not show the trail', async () => {
    const alan = await signedIn('alan@acme.example');
    await alan.get('/audit/entries').expect(403);
    await alan.get('/audit/verify').expect(403);
  });
});

describe('when nobody is signed in', () => {
  it.each(['/members', '/contacts.csv', '/audit/entries'])('answers 401 at %s', async (path) => {
    await request(app).get(path).expect(401);
  });

  it('tells at / what can be tried', async () => {
    const { text } = await request(app).get('/').expect(200);

    expect(text).toContain('ada@acme.example');
  });
});

describe('when the trail cannot be written', () => {
  it('signs nobody in', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const closed = createLedger(connection);
    await closed.close();
    const response = await request(createApp({ connection, audit: closed, sessionSecret: SECRET }))
      .post('/sign-in')
      .send({ email: 'ada@acme.example', password: DEMO_PASSWORD });
    log.mockRestore();

    expect(response.status).toBe(503);
    expect(response.body).toEqual({ error: 'Service Unavailable' });
    expect(response.get('Set-Cookie')).toBeUndefined();
  });
});

describe('when it is seeded again', () => {
  it('leaves what is there as it is', async () => {
    const { User, Contact } = modelsOn(connection);
    await User.updateOne({ _id: 'alan' }, { name: 'Alan M.' });
    const contacts = await Contact.countDocuments();
    await seed(connection);

    expect(await User.findById('alan')).toMatchObject({ name: 'Alan M.' });
    expect(await User.countDocuments()).toBe(5);
    expect(await Contact.countDocuments()).toBe(contacts);
  });
});
