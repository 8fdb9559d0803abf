import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as openSocket, type Socket } from 'node:net';
import { createAudit } from '../../../support/create-audit';
import { ledgerOf } from '../../../../lib/audit';
import type { Answer } from '../../../../middleware/http/api/answer';
import type { Answering } from '../../../../middleware/http/api/answering';
import type { Asked, Client } from '../../../../middleware/http/api/asked';
import { patientAnswer, patiently } from '../../../../middleware/http/api/patient-body';
import { answerRequest } from '../../../../middleware/fetch/answer-request';
import { readableBody } from '../../../../middleware/node/readable-body';
import { clientOf, sendAnswer } from '../../../../middleware/node/send-answer';
import { connect } from '../../../support/connection';
import { watchCursors } from '../../../support/cursors';
import { until } from '../../../support/deadline';

/** More than the buffers of both ends of a connection take. */
const MUCH = 32 * 1024 * 1024;

const PATIENCE = 100;

function unexpected(error: unknown): never {
  throw error;
}

/** A body whose end is seen. */
function endless() {
  const told = { begun: false, ended: false };
  async function* portions() {
    try {
      told.begun = true;
      for (;;) yield await Promise.resolve('x'.repeat(65_536));
    } finally {
      told.ended = true;
    }
  }
  return { body: portions(), told };
}

/** A server that answers with what is made for a client, and clients that read nothing. */
async function answering(answerTo: (client: Client, req: IncomingMessage, res: ServerResponse) => unknown) {
  const server = createServer((req, res) => void answerTo(clientOf(req, res), req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  const ask = async () => {
    const socket = openSocket(port, '127.0.0.1').pause();
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  };
  /** Resolves once the server has let all of its connections go by itself. */
  const closed = async () => {
    const ended = once(server, 'close');
    server.close();
    await ended;
    for (const socket of sockets) socket.destroy();
  };
  return { ask, closed };
}

const answerOf = (body: Answer['body']): Answer => ({ status: 200, headers: {}, body });

describe('a body that nobody goes on reading', () => {
  it('is let go, with its connection, and the server can close', async () => {
    const { body, told } = endless();
    const { ask, closed } = await answering((client, _req, res) =>
      sendAnswer(res, answerOf(patiently(body, client, { patience: PATIENCE })), unexpected),
    );
    await ask();
    await until(() => told.ended, 'the body was let go');
    await closed();
  });

  it('is let go where a framework sends it as a stream', async () => {
    const { body, told } = endless();
    const { ask, closed } = await answering((client, _req, res) =>
      readableBody(patiently(body, client, { patience: PATIENCE }), unexpected, () => res.destroy()).pipe(
        res,
      ),
    );
    await ask();
    await until(() => told.ended, 'the body was let go');
    await closed();
  });

  it('is let go at its end, too: the last of it was not taken', async () => {
    const { ask, closed } = await answering((client, _req, res) => {
      const body = patiently([Buffer.alloc(MUCH)], client, { patience: 60_000, last: PATIENCE });
      // Whoever sends it does not wait: the server holds all of it.
      void body.next().then(async ({ value }) => {
        res.write(value as Buffer);
        await body.next();
        res.end();
      });
    });
    await ask();
    await closed();
  });

  it('closes the cursor of an export', async () => {
    const connection = await connect();
    const watched = await watchCursors(connection);
    const audit = createAudit({ connection: watched.connection });
    const batch = audit.batch();
    for (let n = 0; n < 1_500; n++)
      batch.event({ tenantId: 'acme', action: 'a.b', metadata: { long: 'x'.repeat(20_000) } });
    await batch.commit();
    const { ask, closed } = await answering(async (client, _req, res) => {
      const evidence = await ledgerOf(audit).exportAs('ada', { tenantId: 'acme' });
      await sendAnswer(res, answerOf(patiently(evidence, client, { patience: PATIENCE })), unexpected);
    });
    await ask();
    await until(() => watched.open() > 0, 'a cursor is open');
    await until(() => watched.open() === 0, 'no cursor is open');
    await closed();
    await audit.close();
  });
});

describe('a large text', () => {
  it('goes in portions, as whole as before', async () => {
    const text = 'ä'.repeat(500_000);
    const client = { takesLast: () => undefined, drop: unexpected } as unknown as Client;
    const { headers, body } = patientAnswer(answerOf(text), { client, method: 'GET' } as Asked);
    const portions: Uint8Array[] = [];
    for await (const portion of body as AsyncIterable<Uint8Array>) portions.push(portion);
    expect(Math.max(...portions.map(({ length }) => length))).toBe(65_536);
    expect(Buffer.concat(portions).toString()).toBe(text);
    expect(headers).toEqual({ 'Content-Length': '1000000' });
  });
});

describe('a response of the Fetch standard', () => {
  function answerWith(body: (client: Client) => Answer['body']): { api: Answering; client: () => Client } {
    let client: Client | undefined;
    const answer = ({ client: given }: Asked) => {
      client = given;
      return Promise.resolve(answerOf(body(given)));
    };
    return { api: { answer, report: unexpected }, client: () => client as Client };
  }
  const at = { path: '/export', mount: '/audit' };
  const request = () => new Request('https://audit.example.com/audit/export');

  it('is let go when nobody goes on to pull it', async () => {
    const { body, told } = endless();
    const { api } = answerWith((client) => patiently(body, client, { patience: PATIENCE }));
    const response = await answerRequest(api, request(), at);
    const reader = response.body!.getReader();
    await reader.read();
    await until(() => told.ended, 'the body was let go');
    await expect(reader.read()).rejects.toThrow('did not read');
  });

  it('is let go when nobody ever pulls it', async () => {
    const { body, told } = endless();
    let left = false;
    const { api } = answerWith((client) => {
      client.whenLeft(() => (left = true));
      return patiently(body, client, { patience: PATIENCE });
    });
    const response = await answerRequest(api, request(), at);
    await until(() => left, 'its place was given back');
    await expect(response.text()).rejects.toThrow('did not read');
    expect(told.begun).toBe(false);
  });
});
