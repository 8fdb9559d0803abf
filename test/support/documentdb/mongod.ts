import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { createCommands } from './commands';
import { createGateway } from './gateway';
import { installationDirectory } from './installation';
import { startPostgres } from './postgres';

/** The options of `mongod` that are understood here; its others are taken and have no effect. */
const OPTIONS = {
  port: { type: 'string', default: '27017' },
  dbpath: { type: 'string', default: '/data/db' },
  bind_ip: { type: 'string', default: '127.0.0.1' },
  replSet: { type: 'string' },
  documentdb: { type: 'string' },
} as const;

/** Starts the stand-in as `mongod`'s arguments say, and ends this process when it has stopped. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: false });
  const option = (name: keyof typeof OPTIONS): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const host = (option('bind_ip') ?? '127.0.0.1').split(',')[0] ?? '127.0.0.1';
  const port = Number(option('port'));
  const root = resolve(option('documentdb') ?? installationDirectory());

  const postgres = await startPostgres(root, resolve(option('dbpath') ?? '/data/db'));
  const commands = createCommands({
    socketDirectory: postgres.socketDirectory,
    address: `${host}:${port}`,
    replicaSet: option('replSet'),
    onShutdown: stop,
  });
  const gateway = createGateway(commands);
  let stopping = false;

  function stop(): void {
    if (stopping) return;
    stopping = true;
    gateway.close();
    void postgres.stop();
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  void postgres.ended.then(() => process.exit(stopping ? 0 : 1));
  gateway.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  // What mongodb-memory-server waits for. There is no election: a stand-in is primary when it answers.
  gateway.listen(port, host, () => {
    console.log('Waiting for connections\ntransition to primary complete; database writes are now permitted');
  });
}
