import { createConnection } from 'mongoose';
import { createAudit } from '../../index';
import { runPackaged } from '../packaged';

const NEXT = 'node_modules/next/dist/bin/next';
const { PORT = '3000' } = process.env;

runPackaged({
  name: 'next',
  command: [NEXT, 'start', '--hostname', '127.0.0.1', '--port', PORT],
  environment: async (uri, dbName) => ({
    AUDIT_LEDGER_URL: `http://127.0.0.1:${PORT}/ingest`,
    AUDIT_LEDGER_API_KEY: await newKey(uri, dbName),
  }),
});

/** A key for the middleware on Edge, for the trail of the site itself. It is made at each start: an application keeps its own. */
async function newKey(uri: string, dbName: string): Promise<string> {
  const connection = await createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  try {
    return (await audit.keys.create({ name: 'edge', scopes: ['write'], tenants: ['site'] })).key;
  } finally {
    await audit.close();
    await connection.close();
  }
}
