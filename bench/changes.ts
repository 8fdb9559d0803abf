import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Connection } from 'mongoose';
import { type ChangesTask, type ChangesWork, SAVES } from './changes-process';
import { compare, perSecond } from './measure';
import { fromEnvironment } from './peers/plan';

const ROUNDS = fromEnvironment('BENCH_ROUNDS', 9);
const CONNECTIONS = 20;
/** How long a load lasts: autocannon counts in seconds. */
const SECONDS = 3;
const COUNT = 1_000;

/** An application in a process of its own, with the plugin or without. */
interface Application {
  name: string;
  process: ChildProcess;
  port: number;
}

/** What `auditChanges` costs: processor time of the application, requests that save a document, and one write of 1,000. */
export async function benchChanges(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const applications = await Promise.all(
    [false, true].map(async (hasPlugin) => start(uri, (await connect()).name, hasPlugin)),
  );
  const measure = (
    title: string,
    unit: string,
    rounds: number,
    figure: (app: Application) => Promise<number>,
  ) =>
    compare(
      title,
      unit,
      rounds,
      applications.map((app) => ({ name: app.name, run: () => figure(app) })),
    );
  try {
    for (const app of applications) await saves(app);
    await measure('Processor time of a document that is found and saved', 'µs', ROUNDS, saves);
    await measure(
      `Requests that find and save a document, ${CONNECTIONS} connections`,
      'a second',
      ROUNDS,
      requests,
    );
    await measure(`updateMany of ${COUNT} documents`, 'documents/s', ROUNDS, (app) =>
      perSecond(COUNT, () => ask(app, 'updateMany')),
    );
  } finally {
    for (const app of applications) app.process.disconnect();
  }
}

async function start(uri: string, dbName: string, hasPlugin: boolean): Promise<Application> {
  const task: ChangesTask = { dist: join(__dirname, '../dist'), uri, dbName, hasPlugin, count: COUNT };
  const process = fork(join(__dirname, 'changes-process.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx'],
  });
  const [port] = (await once(process, 'message')) as [number];
  return { name: hasPlugin ? 'with auditChanges' : 'without', process, port };
}

async function saves(app: Application): Promise<number> {
  const begun = await ask(app, 'rest');
  return ((await ask(app, 'saves')) - begun) / SAVES;
}

async function requests({ port }: Application): Promise<number> {
  const { '2xx': answered, duration } = await autocannon({
    url: `http://127.0.0.1:${port}/`,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  return answered / duration;
}

/** Lets a process work, and gives the processor time that it has used so far. */
async function ask({ process }: Application, work: ChangesWork): Promise<number> {
  process.send(work);
  const [microseconds] = (await once(process, 'message')) as [number];
  return microseconds;
}
