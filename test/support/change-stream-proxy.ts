import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { deserialize, type Document, serialize } from 'bson';
import { sharedDatabaseUri } from './database';
import { createMessageReader, decodeRequest, encodeReply, type Request } from './documentdb/wire';

/** How long a cursor waits for something to tell, in milliseconds; less than drivers ask for. */
const AWAIT = 200;

/** A cursor of a change stream, and how far it is in what was told. */
interface Open {
  namespace: string;
  stages: Document[];
  at: number;
}

/**
 * Passes on what a client says to the shared server, and adds change streams to it, as MongoDB's specification and manual
 * describe them: an event for each document that is inserted through it, resume tokens, cursors that wait, errors by which
 * drivers resume and by which they do not. The stand-in has none, and no server of its own tells when it fails.
 */
export class ChangeStreamProxy {
  /** How often a change stream was opened, and from which token. */
  readonly opened: (string | null)[] = [];
  private readonly server: Server;
  private readonly events: Document[] = [];
  private readonly cursors = new Map<bigint, Open>();
  private lastId = 1n << 40n;
  private failure: Document | null = null;
  private readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((socket) => this.serve(socket));
  }

  /** The address for a client, which must not look for others of the set. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `mongodb://127.0.0.1:${(this.server.address() as AddressInfo).port}/?directConnection=true`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Tells what is changed otherwise than by an insert through it. */
  tell(event: Document): void {
    this.events.push(event);
  }

  /** Drops all cursors, as a server that is no longer primary does: drivers resume. */
  drop(): void {
    this.cursors.clear();
  }

  /** Fails for good from now on, as where the oplog no longer has what is asked for. */
  fail(): void {
    this.failure = { ok: 0, code: 280, codeName: 'ChangeStreamFatalError', errmsg: 'cannot resume' };
  }

  private serve(client: Socket): void {
    const [, host, port] = /\/\/(?:[^@/]*@)?([^:/,]+):(\d+)/.exec(sharedDatabaseUri()) ?? [];
    const upstream = connect({ host: host ?? '127.0.0.1', port: Number(port) });
    const inserted: Document[] = [];
    const read = createMessageReader();
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.setNoDelay(true).on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      for (const message of read(chunk)) {
        const request = decodeRequest(message);
        const answer = this.answer(request, inserted);
        if (!answer) upstream.write(message);
        else void answer.then((body) => client.write(encodeReply(request, 0, serialize(body))));
      }
    });
    upstream.on('data', (chunk: Buffer) => {
      client.write(chunk);
      // A client asks one thing after the other on a connection: this answers its insert.
      this.events.push(...inserted.splice(0));
    });
  }

  /** What a change stream is asked; null for what is the server's. */
  private answer(request: Request, inserted: Document[]): Promise<Document> | null {
    const command = deserialize(request.body, { useBigInt64: true });
    const namespace = (collection: unknown) => `${String(command['$db'])}.${String(collection)}`;
    if ('insert' in command) {
      const told = documentsOf(request, command).map((document) =>
        this.toEvent(document, String(command['$db']), String(command['insert'])),
      );
      inserted.push(...told);
    }
    const [first, ...stages] = (command['pipeline'] ?? []) as Document[];
    if ('aggregate' in command && first?.['$changeStream'])
      return Promise.resolve(
        this.open(namespace(command['aggregate']), first['$changeStream'] as Document, stages),
      );
    if ('getMore' in command && BigInt(command['getMore'] as number) > 1n << 40n) {
      const id = BigInt(command['getMore'] as number);
      if (id <= this.lastId) return this.next(id);
    }
    if (!('killCursors' in command)) return null;
    const ids = (command['cursors'] as bigint[]).map(BigInt);
    const ours = ids.filter((id) => this.cursors.delete(id));
    return ours.length === 0 ? null : Promise.resolve({ cursorsKilled: ours, ok: 1 });
  }

  private toEvent(document: Document, db: string, coll: string): Document {
    return {
      operationType: 'insert',
      ns: { db, coll },
      documentKey: { _id: document['_id'] as unknown },
      fullDocument: document,
    };
  }

  private open(namespace: string, { resumeAfter }: Document, stages: Document[]): Document {
    if (this.failure) return this.failure;
    const token = (resumeAfter as Document | undefined)?.['_data'] as string | undefined;
    this.opened.push(token ?? null);
    const at = token === undefined ? this.events.length : Number(token);
    this.cursors.set(++this.lastId, { namespace, stages, at });
    return this.batch(this.lastId, 'firstBatch');
  }

  private async next(id: bigint): Promise<Document> {
    const end = performance.now() + AWAIT;
    while (this.cursors.has(id) && this.cursors.get(id)!.at >= this.events.length && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.failure) return this.failure;
    if (!this.cursors.has(id))
      return { ok: 0, code: 43, codeName: 'CursorNotFound', errmsg: 'cursor not found' };
    return this.batch(id, 'nextBatch');
  }

  private batch(id: bigint, name: 'firstBatch' | 'nextBatch'): Document {
    const open = this.cursors.get(id)!;
    const from = open.at;
    open.at = this.events.length;
    const events = this.events
      .slice(from)
      .map((event, i): Document => ({ _id: tokenOf(from + i + 1), ...event }))
      .filter(({ ns }) => open.namespace === `${(ns as Document)['db']}.${(ns as Document)['coll']}`);
    const told = open.stages.reduce(through, events);
    return {
      cursor: { id, ns: open.namespace, [name]: told, postBatchResumeToken: tokenOf(open.at) },
      ok: 1,
    };
  }
}

const tokenOf = (position: number): Document => ({ _data: String(position).padStart(10, '0') });

/** What a stage lets through. @throws {Error} for stages that are not known here */
function through(events: Document[], stage: Document): Document[] {
  const { $match, $project } = stage as { $match?: Document; $project?: Record<string, 1> };
  if ($match)
    return events.filter((event) => Object.entries($match).every(([name, value]) => event[name] === value));
  if (!$project) throw new Error(`the proxy knows no ${Object.keys(stage).join()}`);
  return events.map((event) => {
    const shown: Document = { _id: event['_id'] as unknown };
    for (const path of Object.keys($project)) {
      const [outer = '', inner = ''] = path.split('.');
      const value = (event[outer] as Document)[inner] as unknown;
      shown[outer] = { ...(shown[outer] as Document | undefined), [inner]: value };
    }
    return shown;
  });
}

function documentsOf({ sequences }: Request, command: Document): Document[] {
  const bytes = sequences.get('documents');
  if (!bytes) return (command['documents'] ?? []) as Document[];
  const documents: Document[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at))
    documents.push(deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
  return documents;
}
