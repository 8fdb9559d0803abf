import { createAudit } from '../support/create-audit';
import { until } from '../support/deadline';
import { failingServer } from '../support/fail-points';

const TENANTS = 30;
const server = failingServer();
const quiet = { warn: () => undefined, error: () => undefined };

describe('while no majority acknowledges anything', () => {
  it('the application goes on with the other half of its connections, and all is recorded once behind it', async () => {
    const connection = await server.connect({ maxPoolSize: 6 });
    const things = connection.db!.collection('things');
    const audit = createAudit({ connection, logger: quiet });
    const record = (n: number) => audit.event({ tenantId: `t${n}`, action: 'a.b' });
    await Promise.all(Array.from({ length: TENANTS }, (_, n) => record(n)));
    await server.set('standInMajorityAway', 'alwaysOn');
    const waiting = Array.from({ length: TENANTS }, (_, n) => record(n));
    await until(() => audit.stats().inFlight === TENANTS, 'all of them wait');
    for (let n = 0; n < 20; n++) {
      await things.insertOne({ n }, { writeConcern: { w: 1 } });
      expect(await things.findOne({ n })).toMatchObject({ n });
    }
    await server.mend();
    expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual(waiting.map(() => 2));
    await audit.close();
  });
});
