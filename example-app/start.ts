import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Connection, createConnection } from 'mongoose';
import { isCompiled } from '../test/support/compiled-path';
import { startDatabase } from '../test/support/database-server';
import { Interrupted } from '../test/support/installer';
import { buildViewer } from '../viewer/build';
import { createApp } from './app';
import { createLedger } from './ledger';
import { seed } from './seed';
import { startSiem } from './siem';
import { ending, tour } from './tour';

const {
  MONGODB_URI,
  PORT = '3000',
  DATABASE = 'audit_ledger_example',
  SESSION_SECRET,
  AUDIT_SIGNING_KEY,
  AUDIT_SIEM,
  GRACE_MS = '5000',
} = process.env;
const HOST = '127.0.0.1';
/** How long running requests may take to end once the process is told to stop, and then events; in milliseconds. */
const GRACE = Number(GRACE_MS);

/** Runs until SIGINT or SIGTERM, then ends in the order in which things depend on each other. */
async function main(): Promise<void> {
  await drain(await listen(createServer())); // a taken port is told before the database takes its seconds
  const pages = isCompiled() ? Promise.resolve() : buildViewer(); // Jest's set-up has built them
  pages.catch(() => undefined); // what it fails with is thrown below, when there is a database to close
  const database = await startDatabase();
  try {
    await pages;
    const connection = await createConnection(database.uri, { dbName: DATABASE }).asPromise();
    await serve(connection, database.uri).finally(() => connection.close());
  } finally {
    await database.close();
  }
}

async function serve(connection: Connection, uri: string): Promise<void> {
  // With AUDIT_SIEM=1, a small receiver prints each entry as it arrives.
  const siem = AUDIT_SIEM === '1' ? await startSiem() : null;
  const audit = createLedger(connection, AUDIT_SIGNING_KEY, siem?.address);
  try {
    await seed(connection);
    const sessionSecret = SESSION_SECRET ?? randomBytes(32).toString('hex');
    const server = await listen(createServer(createApp({ connection, audit, sessionSecret })));
    const { port } = server.address() as AddressInfo;
    console.log(tour(`http://${HOST}:${port}`) + ending(DATABASE, MONGODB_URI ? undefined : uri));
    await told();
    await drain(server);
  } finally {
    await audit.close({ timeoutMs: GRACE }); // what was accepted is written before the connection goes
    siem?.close();
  }
}

/** Listens on after the first signal: with npm and tsx in between, Ctrl+C may arrive twice. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve());
  });
}

async function listen(server: Server): Promise<Server> {
  try {
    await once(server.listen(Number(PORT), HOST), 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${PORT} is taken. Choose another: PORT=${Number(PORT) + 1} npm start`, {
      cause: error,
    });
  }
}

async function drain(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), GRACE);
  server.close();
  await once(server, 'close');
  clearTimeout(timer);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
});
