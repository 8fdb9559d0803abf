import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { syslog } from '../../streams';
import { deliver, pieces } from '../support/streams/deliver';
import { selfSigned } from '../support/streams/tls-files';

/** Entries of one delivery: more than any buffer in between holds. */
const COUNT = 1_000;

/** How long the receiver is waited for, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Delivers to rsyslog over TLS, in JSON and in CEF: each message arrives whole and in order, and one that the receiver was killed
 * before is not taken for taken.
 */
export async function checkRsyslog(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-rsyslog-'));
  const { cert, keyFile, certFile } = selfSigned(folder, 'localhost');
  const port = await freePort();
  const file = join(folder, 'received.log');
  writeFileSync(join(folder, 'rsyslog.conf'), configuration(folder, port, keyFile, certFile));
  let daemon = await start(folder, port);
  try {
    const json = syslog({ host: 'localhost', port, ca: cert });
    await expectTaken(json, COUNT);
    const lines = await received(file, COUNT);
    lines.forEach((line, i) =>
      assert((JSON.parse(line) as { seq: number }).seq === i + 1, `line ${i + 1} is ${line}`),
    );
    const cef = syslog({ host: 'localhost', port, ca: cert, message: 'cef' });
    await expectTaken(cef, 10);
    const [last] = (await received(file, COUNT + 10)).slice(-1) as [string];
    assert(last.startsWith('CEF:0|express-audit-ledger|audit|') && last.includes(' cn1=10 '), last);
    daemon.kill('SIGKILL');
    await exited(daemon);
    const failed = await deliver(json, pieces(json, 1)).catch((error: unknown) => String(error));
    assert(typeof failed === 'string', `without a receiver it said ${JSON.stringify(failed)}`);
    daemon = await start(folder, port);
    await expectTaken(json, 1);
    return `${COUNT + 11} messages over TLS, whole and in order`;
  } finally {
    daemon.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In a folder of its own, as who runs this: it needs no rights, and leaves nothing. */
function configuration(folder: string, port: number, key: string, cert: string): string {
  return `global(workDirectory="${folder}" maxMessageSize="64k"
  defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="${cert}"
  defaultNetstreamDriverCertFile="${cert}" defaultNetstreamDriverKeyFile="${key}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="text" type="string" string="%msg%\\n")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="audit")
ruleset(name="audit") { action(type="omfile" file="${join(folder, 'received.log')}" template="text" flushOnTXEnd="on") }
`;
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const options = ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'rsyslog.pid')];
  rmSync(join(folder, 'rsyslog.pid'), { force: true });
  const daemon = spawn('rsyslogd', options, { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = Date.now() + PATIENCE;
  while (!(await isListening(port))) {
    assert(
      daemon.exitCode === null && Date.now() < end,
      'rsyslogd does not listen: rsyslog-gnutls may be missing',
    );
    await wait(50);
  }
  return daemon;
}

async function expectTaken(to: ReturnType<typeof syslog>, count: number): Promise<void> {
  const delivery = await deliver(to, pieces(to, count));
  assert(delivery.result === 'taken', JSON.stringify(delivery));
}

/** The lines of the file, once it has so many: the receiver has read them, and writes behind that. */
async function received(file: string, count: number): Promise<string[]> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    if (lines.length >= count) return lines;
    assert(Date.now() < end, `${lines.length} of ${count} messages arrived`);
    await wait(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function exited(daemon: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => daemon.once('exit', resolve));
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
