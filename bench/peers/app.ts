import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import mongoose from 'mongoose';
import { inviteModel } from './invites';
import type { Place } from './peer';
import { PEERS } from './contenders';
import { processorTime } from '../measure';

/** What an application is told to be, as the JSON in its first argument. */
export interface Task extends Place {
  peer: string;
  uri: string;
  dbName: string;
}

/** How an application fares. */
export interface Health {
  /** Bytes. */
  rss: number;
  heapUsed: number;
  /** Processor time so far, in milliseconds. */
  processorMs: number;
  /** Events that are accepted and not recorded. */
  waiting: number;
  unhandled: number;
}

/** One POST with one business insert, and one route that answers 401. Flushes and ends when it is told to. */
async function serve({ peer: name, uri, dbName, ...place }: Task): Promise<void> {
  const peer = PEERS.find((each) => each.name === name)!;
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const Invite = inviteModel(connection);
  await Invite.init();

  const app = express().set('trust proxy', true);
  const recorder = await peer.attach(app, connection, place);
  app.post('/invites', async (req, res) => {
    const invite = await Invite.create({ email: 'ann@example.com', role: 'member' });
    recorder.invited?.(req, invite.id);
    res.status(201).json({ id: invite.id });
  });
  app.get('/private', (req, res) => {
    recorder.refused?.(req);
    res.status(401).end();
  });

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let unhandled = 0;
  process.on('unhandledRejection', () => unhandled++);
  const told: Record<string, () => unknown> = { flush, end, health };
  process.on('message', (what: string) => void told[what]?.());
  process.send?.((server.address() as AddressInfo).port);

  async function flush(): Promise<void> {
    await recorder.flush?.();
    process.send?.('flushed');
  }

  function health(): void {
    const { rss, heapUsed } = process.memoryUsage();
    const waiting = recorder.waiting?.() ?? 0;
    const processorMs = processorTime() / 1000;
    process.send?.({ rss, heapUsed, processorMs, waiting, unhandled } satisfies Health);
  }

  async function end(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    await closed;
    await recorder.close?.();
    await connection.close();
    process.exit();
  }
}

void serve(JSON.parse(process.argv[2] ?? '') as Task);
