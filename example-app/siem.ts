import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A receiver of the audit trail, in place of a security team's own system. */
export interface Siem {
  address: { url: string; secret: string };
  close(): void;
}

/** An entry as it arrives. */
interface Arrived {
  tenantId: string;
  seq: number;
  action: string;
  actor: string;
  outcome: string;
}

/** Starts a receiver of webhooks that checks who sent them, and prints each entry with its number. */
export async function startSiem(print: (line: string) => void = console.log): Promise<Siem> {
  const key = randomBytes(32);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signature,
      } = request.headers;
      const signed = `${String(id)}.${String(timestamp)}.${body}`;
      const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
      const given = Buffer.from(String(signature));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        response.writeHead(401).end();
        return;
      }
      const { data } = JSON.parse(body) as { data: Arrived[] };
      for (const { tenantId, seq, action, actor, outcome } of data)
        print(`siem: ${tenantId} #${seq} ${actor} ${action} ${outcome}`);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { url: `http://127.0.0.1:${port}`, secret: `whsec_${key.toString('base64')}` },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
