import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as Express from 'express';
import type * as Mongoose from 'mongoose';
import type * as Package from '../index';
import { processorTime } from './measure';

/** What a process is told at its start, as the JSON in its first argument. */
export interface ChangesTask {
  /** The folder of the build. */
  dist: string;
  uri: string;
  dbName: string;
  /** Whether its model has the plugin. */
  hasPlugin: boolean;
  /** Documents of the model. */
  count: number;
}

/** What it does when it is asked; `rest` when somebody else makes it work. */
export type ChangesWork = 'saves' | 'updateMany' | 'rest';

/** Documents that are saved in one round. */
export const SAVES = 200;

/** An application that changes documents: one that is found and saved a request, or all at once. */
async function main({ dist, uri, dbName, hasPlugin, count }: ChangesTask): Promise<void> {
  const load = createRequire(`${dist}/index.js`);
  const { auditChanges, createAudit } = load('./index.js') as typeof Package;
  const mongoose = load('mongoose') as typeof Mongoose;
  const express = load('express') as typeof Express.default;
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const schema = new mongoose.Schema(
    {
      n: Number,
      name: String,
      email: String,
      role: String,
      address: { street: String, city: String, zip: String },
      tags: [String],
      notes: [{ text: String, at: Date }],
    },
    { timestamps: true },
  );
  if (hasPlugin) {
    const audit = createAudit({ connection, defaultTenant: 'acme' });
    await audit.event({ action: 'bench.started' });
    schema.plugin(auditChanges, { name: 'contact', audit });
  }
  const Contact = connection.model('Contact', schema, hasPlugin ? 'audited' : 'bare');
  const ids = Array.from({ length: count }, () => new mongoose.Types.ObjectId());
  await Contact.collection.insertMany(ids.map((_id, n) => contact(_id, n)));

  let n = 0;
  const save = async (): Promise<void> => {
    const one = await Contact.findById(ids[n++ % count]);
    if (!one) throw new Error('it is gone');
    one.set({ name: `Ann ${n}`, 'address.city': `Ulm ${n}` });
    await one.save();
  };
  const works: Record<ChangesWork, () => Promise<unknown>> = {
    async saves() {
      for (let i = 0; i < SAVES; i++) await save();
    },
    updateMany: () => Contact.updateMany({}, { $inc: { n: 1 } }),
    rest: () => Promise.resolve(),
  };
  const app = express();
  app.post('/', (_, res, next) => void save().then(() => res.status(204).end(), next));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', (work: ChangesWork) => void works[work]().then(tell));
  process.on('disconnect', () => process.exit());
  process.send?.((server.address() as AddressInfo).port);
}

function tell(): void {
  process.send?.(processorTime());
}

function contact(_id: Mongoose.Types.ObjectId, n: number) {
  return {
    ...{ _id, n, name: `Ann ${n}`, email: `ann${n}@example.com`, role: 'member' },
    address: { street: `Main Street ${n}`, city: 'Ulm', zip: '89073' },
    tags: ['customer', 'newsletter'],
    notes: [{ text: 'Asked for by mail, see the ticket.', at: new Date(1.8e12 + n) }],
  };
}

if (process.send) void main(JSON.parse(process.argv[2] ?? '') as ChangesTask);
