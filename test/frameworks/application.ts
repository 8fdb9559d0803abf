import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { PATIENCE } from '../support/patience';

/** How an application ended. */
export interface Ended {
  code: number | null;
  /** What it wrote to standard error. */
  complaints: string;
  /** Ids of the entries of those requests that were answered while it was being ended. */
  answered: string[];
}

/** How many clients go on asking while an application is ended, and after how many answers that begins. */
const CLIENTS = 8;
const WARM = 40;

/** An application that runs in a process of its own, and tells its port on standard output: `{"port":3000}`. */
export class Application {
  readonly #child: ChildProcess;
  readonly #complaints: Promise<Buffer>;
  readonly #exit: Promise<unknown[]>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#complaints = buffer(child.stderr!);
    this.#exit = once(child, 'exit');
    this.port = 0;
  }

  port: number;

  /** @throws when the application ends before it listens */
  static async start(folder: string, file: string, env: Record<string, string>): Promise<Application> {
    const child = spawn(process.execPath, [file], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const application = new Application(child);
    application.port = await portOf(child).catch(async (cause: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`${folder} did not start:\n${String(await application.#complaints)}`, { cause });
    });
    return application;
  }

  /** Ends the application as an operator does, by SIGTERM, while clients are being answered. */
  async end(): Promise<Ended> {
    const answered: string[] = [];
    const clients = Array.from({ length: CLIENTS }, () => this.#askOn(answered));
    // An application that fails to answer is ended all the same.
    await Promise.race([this.#exit, Promise.all(clients)]);
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const [code] = (await this.#exit) as [number | null];
    clearTimeout(limit);
    return { code, complaints: String(await this.#complaints), answered };
  }

  /** Ends it at once, if it has not ended. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks until the application answers no more. */
  async #askOn(answered: string[]): Promise<void> {
    for (let asked = 0; asked < 10_000; asked++) {
      const id = await this.#record().catch(() => null);
      if (id === null) break;
      if (answered.push(id) === WARM) this.#child.kill('SIGTERM');
    }
    if (answered.length < WARM) this.#child.kill('SIGTERM');
  }

  async #record(): Promise<string> {
    const headers = { 'x-user': 'ada', 'x-tenant': 'at-the-end', connection: 'close' };
    const sent = request({ host: '127.0.0.1', port: this.port, path: '/event', agent: false, headers });
    const [response] = await Promise.race([
      once(sent.end(), 'response') as Promise<[import('node:http').IncomingMessage]>,
      this.#exit.then(() => Promise.reject(new Error('it has ended'))),
    ]);
    const { id } = JSON.parse(String(await buffer(response))) as { id: string };
    if (response.statusCode !== 200) throw new Error('it was refused');
    return id;
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const lines = createInterface({ input: child.stdout! });
  const told = (async () => {
    for await (const line of lines) {
      const port = /^\{"port":(\d+)\}$/.exec(line)?.[1];
      if (port !== undefined) return Number(port);
    }
    throw new Error('it told no port');
  })();
  const port = await Promise.race([told, wait(PATIENCE, 0, { ref: false })]);
  child.stdout!.resume();
  return port;
}
