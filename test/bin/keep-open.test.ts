import { once } from 'node:events';
import { createConnection } from 'mongoose';
import { keepOpen } from '../../bin/keep-open';
import { createAudit } from '../support/create-audit';
import { connect } from '../support/connection';
import { network } from '../support/cut-network';
import { holdable } from '../support/stalling';

const quiet = { warn: () => undefined, error: () => undefined };

it('opens a connection anew whose driver does not notice that its server answers again', async () => {
  const server = await connect();
  const way = await holdable(server);
  const options = { dbName: server.name, heartbeatFrequencyMS: 500 };
  const connection = createConnection(way.uri, options);
  const uri = `mongodb://${server.host}:${server.port}/?directConnection=true`;
  const said: unknown[] = [];
  const close = keepOpen({ connection, uri, options }, (reason) => said.push(reason));
  const audit = createAudit({ connection, logger: quiet });
  await audit.event({ tenantId: 'acme', action: 'a' });
  await once(connection.getClient(), 'serverHeartbeatSucceeded');

  const opened = once(connection, 'open');
  way.hold(); // for good: the driver would only try the same way again
  await opened;
  expect(connection.port).toBe(server.port);
  expect(await audit.event({ tenantId: 'acme', action: 'b' })).toMatchObject({ seq: 2 });
  expect(said).toEqual([]);
  await audit.close();
  await close();
});

it('closes a connection that is being opened', async () => {
  const line = await network(() => 0);
  line.cut();
  const uri = `${line.url.replace('http', 'mongodb')}/?serverSelectionTimeoutMS=600000`;
  const connection = createConnection(uri);
  const opened = connection.asPromise();
  const said: unknown[] = [];
  const close = keepOpen({ connection, uri, options: {} }, (reason) => said.push(reason));
  await close();
  await expect(opened).rejects.toThrow();
  expect(said).toEqual([]);
});
