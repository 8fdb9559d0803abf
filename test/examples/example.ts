import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mongoose';
import { createAudit, type Entry } from '../../index';
import { startDatabase } from '../support/database-server';
import { freePort } from '../support/free-port';

const PROJECT = join(__dirname, '../..');
const CLIENTS = 8;
/** After how many answers the application is ended. */
const WARM = 40;

/** An example as its one command runs it, with a database of its own. */
export class Example {
  private constructor(
    private readonly app: ChildProcess,
    private readonly connection: Connection,
    readonly base: string,
  ) {}

  /** Starts it, does that with it, and ends it, if it has not ended. */
  static async run(name: string, use: (example: Example) => Promise<void>): Promise<void> {
    const database = await startDatabase();
    const dbName = `example_${randomBytes(6).toString('hex')}`;
    const app = spawn('npm', ['run', `start:${name}`], {
      cwd: PROJECT,
      env: { ...process.env, MONGODB_URI: database.uri, DATABASE: dbName, PORT: String(await freePort()) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const connection = await createConnection(database.uri, { dbName }).asPromise();
    try {
      await use(new Example(app, connection, await addressOf(app)));
    } finally {
      app.kill('SIGTERM');
      if (app.exitCode === null) await once(app, 'exit');
      await connection.dropDatabase();
      await connection.close();
      await database.close();
    }
  }

  /**
   * Makes requests until the application answers no more, which is told to end meanwhile.
   * @param request whether what it is given was answered
   * @returns what was answered
   */
  async endUnderLoad(request: (email: string) => Promise<boolean>): Promise<string[]> {
    const answered: string[] = [];
    const exit = once(this.app, 'exit');
    const work = async (client: number) => {
      for (let i = 0; ; i++) {
        const email = `${client}-${i}@acme.example`;
        if (!(await request(email).catch(() => false))) return;
        if (answered.push(email) === WARM) this.app.kill('SIGTERM');
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(client)));
    assert.ok(answered.length >= WARM, 'it stopped answering before it was told to');
    const [code] = (await exit) as [number];
    assert.ok(code === 0 || code === 143, `it ended with ${code}`); // Next says by which signal
    return answered;
  }

  /** All that it has recorded of a tenant, oldest first, once that is checked; and that it was ended in order. */
  async trailOf(tenantId: string): Promise<Entry[]> {
    const audit = createAudit({ connection: this.connection, logger: console });
    try {
      for (const tenant of [tenantId, 'system'])
        assert.equal((await audit.verify({ tenantId: tenant })).verdict, 'intact');
      const own = await audit.list({ tenantId: 'system', limit: 100 });
      assert.ok(own.some(({ action }) => action === 'ledger.stopped'));
      const entries: Entry[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await audit.list({ tenantId, order: 'asc', limit: 100, ...(cursor && { cursor }) });
        entries.push(...page);
        cursor = page.nextCursor;
      }
      return entries;
    } finally {
      await audit.close();
    }
  }
}

async function addressOf(app: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of app.stdout!.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    const port = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(printed)?.[1];
    if (port !== undefined) {
      app.stdout!.resume(); // it has more to say
      return `http://127.0.0.1:${port}`;
    }
  }
  throw new Error(`The example ended: ${printed}`);
}

/** What was answered and has no entry. */
export function missingIn(entries: readonly Entry[], answered: readonly string[]): string[] {
  const invited = new Set(entries.map(({ resourceName }) => resourceName));
  return answered.filter((email) => !invited.has(email));
}

/** Runs a test of an example, and says so. */
export function test(name: string, use: (example: Example) => Promise<void>): void {
  Example.run(name, use).then(
    () => console.log(`${name}: works, and each of its answers has its entry`),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
