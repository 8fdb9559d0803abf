import { once } from 'node:events';
import { hostname } from 'node:os';
import type { TLSSocket } from 'node:tls';
import type { Entry } from '../../chain/entry';
import type { Destination, FormattedEntry, Means } from '../destination';
import { toCef } from '../format/cef';
import { readOptions, readText } from './address';

/** Where syslog is taken: RFC 5424 over TLS (RFC 5425). */
export interface SyslogOptions {
  host: string;
  /** 6514 when left out. */
  port?: number | undefined;
  /** Certificates of authorities, PEM; those of Node.js when left out. */
  ca?: string | undefined;
  /** A certificate of this client with its key, PEM, where the receiver asks for one. */
  cert?: string | undefined;
  key?: string | undefined;
  /** The name that the receiver's certificate must have; that of `host` when left out. */
  servername?: string | undefined;
  /** What a message is: JSON in the stream's format, or ArcSight's Common Event Format. JSON when left out. */
  message?: 'json' | 'cef' | undefined;
  /** Bytes of one message: 8,192 when left out, as many receivers take. */
  messageBytes?: number | undefined;
  /** How the sender is called; this machine's name when left out. */
  hostname?: string | undefined;
  /** `audit` when left out. */
  appName?: string | undefined;
}

const KNOWN = [
  'host',
  'port',
  'ca',
  'cert',
  'key',
  'servername',
  'message',
  'messageBytes',
  'hostname',
  'appName',
];

/** RFC 5424 §6.2.1: the facility of an audit log, and notice, error and warning. */
const FACILITY = 13;
const SEVERITIES = { success: 5, failure: 3, denied: 4 } as const satisfies Record<Entry['outcome'], number>;

/** RFC 5424 §6: a text of a header has visible ASCII alone, and is bounded. */
const header = (text: string, most: number): string => text.replace(/[^!-~]/g, '_').slice(0, most) || '-';

/**
 * Syslog has no receipts. So a delivery ends its connection, and counts as taken when the receiver has ended it, too: by
 * then it has read all that was before the end. A connection that breaks before is a try that failed.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function syslog(options: SyslogOptions): Destination {
  const {
    host,
    port = 6514,
    messageBytes = 8_192,
    message = 'json',
  } = readOptions('syslog', options, KNOWN, check);
  const sender = header(options.hostname ?? hostname(), 255);
  const app = header(options.appName ?? 'audit', 48);
  const { ca, cert, key, servername } = options;
  return {
    kind: 'syslog',
    address: `${host}:${port}`,
    format: 'native',
    limits: { entries: 1_000, bytes: 1_000_000, entryBytes: messageBytes },
    encode(formatted) {
      const { entry } = formatted;
      const priority = FACILITY * 8 + SEVERITIES[entry.outcome];
      const head = `<${priority}>1 ${entry.occurredAt} ${sender} ${app} - ${header(entry.action, 32)} -`;
      return framed(`${head} ${message === 'cef' ? toCef(entry) : asLine(formatted)}`);
    },
    async deliver(pieces, means) {
      const socket = await means.connect({ host, port, ca, cert, key, servername });
      try {
        await sendAll(socket, pieces.map(({ text }) => text).join(''), means);
      } finally {
        socket.destroy();
      }
      return { result: 'taken' };
    },
  };
}

/** JSON has no line breaks of its own. */
function asLine({ body }: FormattedEntry): string {
  return JSON.stringify(body);
}

/** RFC 6587 §3.4.1: octet counting. */
function framed(text: string): string {
  return `${Buffer.byteLength(text)} ${text}`;
}

async function sendAll(socket: TLSSocket, text: string, { signal }: Means): Promise<void> {
  socket.on('error', () => undefined); // what waits for the end is told
  socket.resume(); // what a receiver says would hold up its end
  const ended: Promise<unknown> = Promise.race([
    once(socket, 'end', { signal }),
    once(socket, 'close', { signal }),
  ]);
  socket.end(text);
  await ended;
  if (!socket.readableEnded) throw new Error('it closed the connection without its orderly end');
}

function check(
  given: Record<string, unknown>,
  complaints: Parameters<Parameters<typeof readOptions>[3]>[1],
): SyslogOptions {
  const { host, port, message, messageBytes } = given;
  if (typeof host !== 'string' || host === '' || /\s/.test(host))
    complaints.add('host', 'a name or an address', host);
  if (port !== undefined && !(Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536))
    complaints.add('port', 'a whole number from 1 to 65535', port);
  if (message !== undefined && message !== 'json' && message !== 'cef')
    complaints.add('message', 'json or cef', message);
  if (messageBytes !== undefined && !(Number.isInteger(messageBytes) && Number(messageBytes) >= 480))
    complaints.add('messageBytes', 'a whole number from 480', messageBytes);
  for (const name of ['hostname', 'appName', 'servername', 'ca', 'cert'])
    readText(given[name], complaints, name);
  if (given['key'] !== undefined && typeof given['key'] !== 'string')
    complaints.add('key', 'a private key, PEM', given['key'], 'something else');
  return given as object as SyslogOptions;
}
