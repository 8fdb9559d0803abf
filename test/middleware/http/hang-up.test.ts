import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { auditMiddleware } from '../../../index';
import { connect } from '../../support/connection';
import { until } from '../../support/deadline';
import { EXPRESSES } from '../../support/served';
import { serveLedger } from '../../support/served-ledger';

const CLIENTS = 100;

/** Sends a request, and hangs up as soon as it has left. */
async function hangUp(port: number, path: string): Promise<void> {
  const socket = dial(port, '127.0.0.1');
  await once(socket, 'connect');
  await new Promise((resolve) =>
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`, resolve),
  );
  socket.destroy();
}

describe.each(EXPRESSES)(`%s: when ${CLIENTS} clients hang up before the answer`, (_, express) => {
  it.each([
    ['awaits its event', true],
    ['does not await its event', false],
  ])('leaves no business insert without its entry where the handler %s', async (_, awaits) => {
    const connection = await connect();
    const orders = connection.collection<{ _id: string }>('orders');
    const identify = () => ({ tenantId: 't', actor: 'ada' });
    let [begun, ended] = [0, 0];
    const { audit, port } = await serveLedger(connection, ({ audit }) =>
      express()
        .use(auditMiddleware({ audit, identify }))
        .post('/orders/:id', (req, res, next) => {
          const { id } = req.params;
          const place = async () => {
            await orders.insertOne({ _id: id });
            const recorded = req.audit({ action: 'order.place', resource: id });
            if (awaits) await recorded;
            res.status(201).end();
          };
          begun++;
          place()
            .catch(next)
            .finally(() => ended++);
        }),
    );
    await Promise.all(Array.from({ length: CLIENTS }, (_, n) => hangUp(port, `/orders/${n}`)));
    await until(() => begun === CLIENTS && ended === begun, 'all handlers are through');
    await audit.flush();

    const placed = (await orders.find().toArray()).map(({ _id }) => _id);
    const entries = await audit.list({ tenantId: 't', action: 'order.place', limit: 1000 });
    expect(placed).toHaveLength(CLIENTS);
    expect(entries.map(({ resource }) => resource).sort()).toEqual(placed.sort());
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: CLIENTS });
  });
});
