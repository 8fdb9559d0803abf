import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../support/free-port';
import { PATIENCE } from '../../support/patience';

type Environment = Record<string, string>;

const STANDALONE = '.next/standalone';

/** How Next is started: by a command, or as what a build of `output: 'standalone'` leaves for a container. */
type Command = 'start' | 'dev' | 'standalone';

/** Next in a project, listening on a port of this machine. */
export class NextProcess {
  said = '';
  private readonly exit: Promise<unknown[]>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.exit = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (this.said += text.toString()));
  }

  /** @param ready a path that is answered once Next listens */
  static async start(
    folder: string,
    command: Command,
    env: Environment,
    ready: string,
  ): Promise<NextProcess> {
    const port = await freePort();
    const place = { HOSTNAME: '127.0.0.1', PORT: String(port) };
    const child =
      command === 'standalone'
        ? node(join(folder, STANDALONE), ['server.js'], { ...env, ...place })
        : next(folder, [command, '--hostname', place.HOSTNAME, '--port', place.PORT], env);
    const started = new NextProcess(child, `http://127.0.0.1:${port}`);
    const end = Date.now() + PATIENCE;
    while (!(await fetch(started.url + ready).catch(() => null))) {
      if (child.exitCode !== null || Date.now() > end) {
        child.kill('SIGKILL');
        throw new Error(`next ${command} did not start:\n${started.said}`);
      }
      await wait(50);
    }
    return started;
  }

  /** @returns the exit code */
  async stop(): Promise<unknown> {
    this.child.kill('SIGTERM');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
    const [code] = await this.exit;
    clearTimeout(limit);
    return code;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** Runs `next build` to its end. @throws with what it said, when it fails */
export async function build(folder: string, env: Environment): Promise<void> {
  const child = next(folder, ['build'], env);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`next build failed:\n${said}`);
}

function next(folder: string, args: string[], env: Environment): ChildProcess {
  return node(folder, [join(folder, 'node_modules/next/dist/bin/next'), ...args], env);
}

function node(folder: string, args: string[], env: Environment): ChildProcess {
  const { NODE_ENV: _, ...own } = process.env;
  return spawn(process.execPath, args, {
    cwd: folder,
    env: { ...own, NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
