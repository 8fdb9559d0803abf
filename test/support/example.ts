import { atEnd } from './at-end';
import { once } from 'node:events';
import type { KeyObject } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection, mongo } from 'mongoose';
import type { Page } from 'playwright-core';
import { createApp } from '../../example-app/app';
import { DEMO_PASSWORD, seed } from '../../example-app/seed';
import { newPage, type PageOptions } from './chromium';
import { connect } from './connection';
import { LEDGER, newKey } from './signing';
import { Trail } from './trail-page';
import { testLedger, type TestLedger } from './served-ledger';

/** Who can sign in at the example application. */
export type User = 'ada@acme.example' | 'alan@acme.example' | 'grace@globex.example' | 'sam@vendor.example';

/** A page that is opened: by whom, and where. */
export interface Opening extends PageOptions {
  user?: User | null;
  path?: string;
  /** Instead of 127.0.0.1: a name that the browser does not trust as it trusts this machine. */
  host?: string;
}

/** The example application on a database of its own. No checkpoint is signed but by a test. */
export interface Example extends TestLedger {
  connection: Connection;
  key: KeyObject;
  url: string;
  /** Collections past the guards of the ledger, as somebody with access to the database has them. */
  entries: mongo.Collection;
  checkpoints: mongo.Collection;
  /** Answers with another application at the same address. */
  serve(application: RequestListener): void;
  /** Breaks all connections, as a network does. */
  hangUp(): void;
  application: RequestListener;
  /** Another ledger on the same database, and the application around it. */
  another(signingKey: KeyObject): TestLedger & { application: RequestListener };
  /** The value of the session's cookie. A sign-in is an entry: of one user it is made once. */
  signIn(user: User): Promise<string>;
  /** A browser of its own, with somebody signed in. */
  browse(opening?: Opening): Promise<Page>;
  /** The same, with the page open. */
  open(opening?: Opening): Promise<Trail>;
}

/** Starts the application; it ends with the test file. */
export async function startExample(): Promise<Example> {
  const connection = await connect();
  await seed(connection);
  const key = newKey();
  const ledgerOf = (signingKey: KeyObject): TestLedger => {
    const made = testLedger(connection, { ledger: LEDGER, signingKey });
    atEnd(() => made.audit.close());
    return made;
  };
  const applicationAround = ({ audit }: TestLedger): RequestListener =>
    createApp({ connection, audit, sessionSecret: 'a secret for cookies' }) as RequestListener;
  const ledger = ledgerOf(key);
  let application = applicationAround(ledger);
  const server = await listening((req, res) => application(req, res));
  const url = urlOf(server);
  const raw = connection.getClient().db(connection.name);

  const cookies = new Map<User, Promise<string>>();
  const signIn = (user: User): Promise<string> => {
    const cookie = cookies.get(user) ?? sessionOf(url, user);
    cookies.set(user, cookie);
    return cookie;
  };
  const browse = async ({
    user = 'ada@acme.example',
    path: _,
    host = '127.0.0.1',
    ...options
  }: Opening = {}): Promise<Page> => {
    const baseURL = url.replace('127.0.0.1', host);
    const page = await newPage({ baseURL, ...options });
    if (user !== null)
      await page.context().addCookies([{ name: 'sid', value: await signIn(user), url: baseURL }]);
    return page;
  };
  return {
    ...ledger,
    connection,
    key,
    url,
    entries: raw.collection('audit_entries'),
    checkpoints: raw.collection('audit_checkpoints'),
    serve: (other) => (application = other),
    hangUp: () => server.closeAllConnections(),
    application,
    another: (signingKey) => {
      const other = ledgerOf(signingKey);
      return { ...other, application: applicationAround(other) };
    },
    signIn,
    browse,
    open: async (opening = {}) => {
      const page = await browse(opening);
      await page.goto(opening.path ?? '/audit/');
      return new Trail(page);
    },
  };
}

/** Listens until the tests of the file have ended; gives the address. */
export async function listen(application: RequestListener): Promise<string> {
  return urlOf(await listening(application));
}

async function listening(application: RequestListener): Promise<Server> {
  const server = createServer(application);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return server;
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function sessionOf(url: string, email: User): Promise<string> {
  const response = await fetch(`${url}/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: DEMO_PASSWORD }),
  });
  const cookie = /^sid=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1];
  if (cookie === undefined) throw new Error(`${email} could not sign in: ${response.status}`);
  return cookie;
}
