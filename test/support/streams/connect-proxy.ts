import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy that takes CONNECT alone, and leads to this machine whatever name it is asked for. */
export class ConnectProxy {
  /** What it was asked for, such as `siem.example:443`. */
  readonly asked: string[] = [];
  /** What it says to who asks; 200 leads on. */
  status = 200;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      response.writeHead(501).end();
    });
    this.server.on('connect', ({ url = '' }, client: Socket) => this.lead(url, client));
    this.server.on('connection', (socket: Socket) => this.sockets.add(socket.on('error', () => undefined)));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private lead(url: string, client: Socket): void {
    this.asked.push(url);
    if (this.status !== 200) return void client.end(`HTTP/1.1 ${this.status} No\r\n\r\n`);
    const socket = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(socket).pipe(client);
    });
    this.sockets.add(socket.on('error', () => client.destroy()));
  }
}
