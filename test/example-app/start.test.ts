import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createConnection } from 'mongoose';
import { ending, tour } from '../../example-app/tour';
import { scripts } from '../../package.json';
import { eventually } from '../support/eventually';
import { sharedDatabaseUri } from '../support/database';

const ROOT = join(__dirname, '..', '..');
const DATABASE = `test_${randomBytes(8).toString('hex')}`;

afterAll(async () => {
  const connection = await createConnection(sharedDatabaseUri(), { dbName: DATABASE }).asPromise();
  await connection.dropDatabase();
  await connection.close();
});

const environment = (port: number) => ({
  ...process.env,
  MONGODB_URI: sharedDatabaseUri(),
  DATABASE,
  PORT: String(port),
});

function start(port: number, given: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...environment(port), ...given };
  return spawn(process.execPath, ['--import', 'tsx', 'example-app/start.ts'], { cwd: ROOT, env });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What it prints before it waits for requests. */
async function printedBy(app: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of app.stdout!.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (/^Ctrl\+C .*\n/m.test(printed)) break;
  }
  return printed;
}

describe('when it is started', () => {
  it('prints commands that work as they are, and ends in order when told to', async () => {
    const app = start(0);
    const exit = once(app, 'exit');
    const printed = await printedBy(app);
    const commands = [...printed.matchAll(/^ +(.*curl .*)$/gm)].map(([, command]) => command!);
    const run = (command: string) => execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: 'pipe' });
    const answers = commands.map(run);
    // The change is part of a transaction, and in the chain right after it.
    await eventually(() => expect(run(commands.at(-3)!)).toContain('"action":"org.member.role_change"'));
    app.kill('SIGTERM');

    expect(answers).toHaveLength(5);
    expect(answers.filter((answer) => answer.includes('"error"'))).toEqual([]);
    expect(answers.at(-3)).toContain('"lookedAt"');
    expect(answers.at(-2)).toContain('The filter is stated by the signer');
    expect(answers.at(-1)).toMatch(/"verdict": ?"intact"/);
    expect(printed).toContain(`Ctrl+C ends it. Its data stay, in the database ${DATABASE} of the server`);
    expect(await exit).toEqual([0, null]);
  });

  it('keeps the files of another that runs beside it apart', () => {
    const files = (port: number) => [...new Set(tour(`http://127.0.0.1:${port}`).match(/\/tmp\/\S+/g))];
    expect(files(3000)).toEqual(['/tmp/ada-3000.jar', '/tmp/evidence-3000.jsonl']);
    expect(files(3001)).toEqual(['/tmp/ada-3001.jar', '/tmp/evidence-3001.jsonl']);
  });

  it('says that the data of a server of its own do not stay, and where that is', () => {
    const uri = 'mongodb://127.0.0.1:27018/?replicaSet=rs0';
    expect(ending(DATABASE, uri)).toBe(
      `Ctrl+C ends it and its database server, whose data are then gone. To use that meanwhile: MONGODB_URI='${uri}'`,
    );
  });
});

describe('when npm, which has started it, is told to stop', () => {
  it('ends in order before npm does', async () => {
    // In a process group of its own, of which nothing is left however the test ends.
    const npm = spawn('npm', ['start'], { cwd: ROOT, env: environment(0), detached: true });
    try {
      const exit = once(npm, 'exit');
      const address = /at (http:\/\/127\.0\.0\.1:\d+)/.exec(await printedBy(npm))![1]!;
      expect((await fetch(address)).status).toBe(200);
      npm.kill('SIGTERM');

      expect(await exit).toEqual([0, null]);
      await expect(fetch(address)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    } finally {
      killGroup(npm.pid!);
    }
  });

  it.each(['start', 'start:nest', 'start:next'] as const)(
    'is what npm signals: %s leaves no shell',
    (name) => {
      expect(scripts[name]).toMatch(/^exec tsx /);
    },
  );
});

describe('when its port is taken', () => {
  it('says so and ends, before it looks for a database', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const none = `mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=1000`;
    const app = start(port, { MONGODB_URI: none });
    const [[code], printed] = await Promise.all([once(app, 'exit'), text(app.stderr!)]);
    other.close();

    expect(printed).toContain(`Port ${port} is taken. Choose another: PORT=${port + 1} npm start\n`);
    expect(code).toBe(1);
  });
});
