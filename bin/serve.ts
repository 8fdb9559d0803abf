import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import mongoose from 'mongoose';
import { type Audit, ledgerOf } from '../lib/audit';
import { CollectorApi } from '../middleware/http/collector/collector-api';
import { parseCollectorOptions } from '../middleware/http/collector/options';
import { answerNode } from '../middleware/node/answer-node';
import { createAudit } from '../models/create-audit';
import { assertNoOperands, DATABASE_OPTIONS, parseDatabase, readArguments, type Values } from './arguments';
import { EXIT } from './exit-code';
import { describeReason, UsageError } from './failure';
import { nextSignal } from './interrupt';
import { answers, keepOpen } from './keep-open';
import { readSigningKey } from './key-files';
import { metricsText } from './metrics';
import { note, NOTES, printJson } from './out';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  port: { type: 'string' },
  host: { type: 'string' },
  ledger: { type: 'string' },
  'signing-key': { type: 'string' },
  spool: { type: 'string' },
  grace: { type: 'string' },
} as const;

const DEFAULT_PORT = '8410';

/** How long what is under way may take once the program is told to end, in seconds. */
const DEFAULT_GRACE = '20';

/** Nobody needs longer to send a MiB, in milliseconds. */
const REQUEST_LIMIT = 30_000;

/**
 * `audit-ledger serve`: the collector as a process of its own. SIGTERM and SIGINT end it in order: it is not ready any more,
 * answers what is under way, and makes durable what it has taken.
 */
export async function serve(args: string[]): Promise<number> {
  const { values, operands } = readArguments(args, OPTIONS);
  assertNoOperands(operands);
  const { uri, db, collections } = parseDatabase(values);
  const port = wholeNumber('port', values.port ?? process.env['PORT'] ?? DEFAULT_PORT, 65_535);
  const grace = wholeNumber('grace', values.grace ?? DEFAULT_GRACE, 3_600) * 1000;
  const options = {
    autoIndex: false,
    autoCreate: false,
    appName: 'audit-ledger serve',
    ...(db !== undefined && { dbName: db }),
  };
  const connection = mongoose.createConnection(uri, options);
  const close = keepOpen({ connection, uri, options }, (reason) =>
    note(`audit-ledger serve: The database cannot be reached: ${describeReason(reason)}`),
  );
  const audit = createAudit({
    connection,
    collections,
    ...optionsOf(values),
    logger: NOTES,
  });
  const service = new Service(audit, connection);
  const ending = nextSignal();
  const server = await listen(service, port, values.host ?? '127.0.0.1');
  printJson({ port: (server.address() as AddressInfo).port });
  await ending;
  const isDone = await service.end(server, grace);
  await close();
  return isDone ? EXIT.ok : EXIT.unchecked;
}

function optionsOf({ ledger, 'signing-key': keyFile, spool }: Values<typeof OPTIONS>): object {
  return {
    ...(ledger !== undefined && { ledger }),
    ...(keyFile !== undefined && { signingKey: readSigningKey(keyFile) }),
    ...(spool !== undefined && { spool: { directory: spool } }),
  };
}

function wholeNumber(name: string, text: string, most: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`--${name} must be a whole number up to ${most}`);
}

async function listen(service: Service, port: number, host: string): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_LIMIT }, (req, res) => service.answer(req, res));
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** The collector, and what a platform asks of a process. */
class Service {
  private readonly api: CollectorApi;
  private isEnding = false;

  constructor(
    private readonly audit: Audit,
    private readonly connection: mongoose.Connection,
  ) {
    this.api = new CollectorApi(parseCollectorOptions({ audit }, () => audit));
  }

  answer(req: IncomingMessage, res: ServerResponse): void {
    if (this.isEnding) res.setHeader('Connection', 'close');
    const [path] = (req.url ?? '').split('?', 1);
    if (path === '/healthz') return send(res, 200, 'ok\n');
    if (path === '/readyz') return void this.answerReady(res);
    if (path === '/metrics') return send(res, 200, metricsText(this.audit.stats(), this.api.counts));
    answerNode(this.api, req, res).catch((error: unknown) => {
      this.api.report(error);
      res.destroy();
    });
  }

  /** @returns whether all that was taken is durable */
  async end(server: Server, grace: number): Promise<boolean> {
    this.isEnding = true;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const late = setTimeout(() => server.closeAllConnections(), grace);
    await closed;
    clearTimeout(late);
    try {
      await this.audit.close({ timeoutMs: grace });
      return true;
    } catch (error) {
      note(`audit-ledger serve: ${(error as Error).message}`);
      return false;
    }
  }

  private async answerReady(res: ServerResponse): Promise<void> {
    const isReady = !this.isEnding && ledgerOf(this.audit).isOpen && (await answers(this.connection));
    send(res, isReady ? 200 : 503, isReady ? 'ready\n' : 'not ready\n');
  }
}

function send(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, {
    'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  res.end(body);
}
