import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { syslog } from '../../../../streams';
import { deliver, pieces } from '../../../support/streams/deliver';
import { temporaryFolder } from '../../../support/temporary';
import { selfSigned } from '../../../support/streams/tls-files';

/** RFC 5424 §6. */
const MESSAGE = /^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) - (.*)$/s;

describe('syslog', () => {
  let [key, cert, port] = ['', '', 0];
  let server: Server;
  let received = Buffer.alloc(0);
  /** What is done with a connection, beside reading. */
  let treat: (socket: TLSSocket) => void = () => undefined;
  beforeAll(async () => {
    ({ key, cert } = selfSigned(temporaryFolder(), 'siem.example'));
    server = createServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data: Buffer) => (received = Buffer.concat([received, data])));
      treat(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    received = Buffer.alloc(0);
    treat = () => undefined;
  });

  /** The messages by their octet counts (RFC 6587 §3.4.1). */
  function messages(): string[] {
    const found: string[] = [];
    for (let at = 0; at < received.length;) {
      const space = received.indexOf(' ', at);
      const length = Number(received.subarray(at, space).toString());
      found.push(received.subarray(space + 1, space + 1 + length).toString());
      at = space + 1 + length;
    }
    return found;
  }

  const to = (options: object = {}) =>
    syslog({ host: '127.0.0.1', port, ca: cert, hostname: 'shop', ...options });

  it('frames messages by their octets, with the facility of audit logs', async () => {
    const given = pieces(to(), 3, (n) => ({ actor: 'Jürgen\n李', outcome: n === 2 ? 'denied' : 'success' }));
    expect(await deliver(to(), given)).toEqual({ result: 'taken' });
    const parts = messages().map((message) => MESSAGE.exec(message)!);
    expect(parts.map(([, priority, , host, app]) => [priority, host, app])).toEqual([
      ['109', 'shop', 'audit'],
      ['108', 'shop', 'audit'],
      ['109', 'shop', 'audit'],
    ]);
    expect(parts.map(([, , , , , , , text]) => JSON.parse(text!) as object)).toMatchObject([
      { seq: 1, actor: 'Jürgen\n李' },
      { seq: 2 },
      { seq: 3 },
    ]);
    expect(received.includes('\n')).toBe(false);
  });

  it('speaks CEF where it is told to', async () => {
    await deliver(to({ message: 'cef' }), pieces(to({ message: 'cef' }), 1));
    expect(messages()[0]).toMatch(/ - CEF:0\|express-audit-ledger\|audit\|.* cn1=1 cn1Label=seq /);
  });

  it('shortens what is longer than a receiver takes', () => {
    const [piece] = pieces(to(), 1, () => ({ metadata: { text: 'x'.repeat(9_000) } }));
    expect(piece!.bytes).toBeLessThan(8_192);
    expect(piece!.text).toContain('"truncated":true');
  });

  it('is not taken until the receiver has read all and ended the connection', async () => {
    treat = (socket) => socket.once('data', () => socket.destroy());
    await expect(deliver(to(), pieces(to(), 900))).rejects.toThrow();
    let paused: TLSSocket | undefined;
    treat = (socket) => (paused = socket.pause());
    await expect(deliver(to(), pieces(to(), 1), { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    paused?.destroy(); // who does not read sees no end
  });

  it('is refused where the certificate is not trusted, or of another name', async () => {
    await expect(deliver(to({ ca: undefined }), pieces(to(), 1))).rejects.toThrow(/self-signed/);
    await expect(deliver(to({ servername: 'other.example' }), pieces(to(), 1))).rejects.toThrow(
      /other\.example/,
    );
  });

  it.each<[object, RegExp]>([
    [{ host: '' }, /`host` must be/],
    [{ host: 'a b' }, /`host` must be/],
    [{ host: 7 }, /`host` must be/],
    [{ port: 0 }, /`port` must be/],
    [{ port: 65_536 }, /`port` must be/],
    [{ message: 'xml' }, /`message` must be json or cef/],
    [{ messageBytes: 479 }, /`messageBytes` must be/],
    [{ hostname: 7 }, /`hostname` must be a string/],
    [{ key: 7 }, /`key` must be a private key, PEM/],
    [{ colour: 1 }, /`colour` is not known/],
  ])('%j is refused', (options, complaint) => {
    expect(() => to(options)).toThrow(complaint);
  });

  it('names itself where it is not told how, with what a header may have', () => {
    const [piece] = pieces(to({ hostname: undefined, appName: 'ä b' }), 1);
    expect(MESSAGE.exec(piece!.text.replace(/^\d+ /, ''))![4]).toBe('__b');
    expect(syslog({ host: 'siem.example' }).address).toBe('siem.example:6514');
  });
});
