import type { Connection } from 'mongoose';
import type { Entry } from '../../../index';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';
import { until } from '../../support/deadline';
import { ledgerOn } from '../../support/memory-ledger';

const event = { tenantId: 't', action: 'a.b' };

/** A store that says how many inserts it has taken, and whether its writer has seen that another holds the lease. */
class Faster extends MongoStore {
  taken = 0;
  looks = 0;
  hasGivenWay = false;

  override async append(batch: readonly Entry[]): Promise<void> {
    await super.append(batch);
    this.taken++;
  }

  override async leaseHolder(work: string): Promise<string | null> {
    this.looks++;
    const holder = await super.leaseHolder(work);
    this.hasGivenWay ||= holder !== null;
    return holder;
  }
}

/** A store whose inserts come after one of another's each time, as long as that gives no way. */
class Slower extends MongoStore {
  tries = 0;

  constructor(
    connection: Connection,
    private readonly faster: Faster,
  ) {
    super(connection);
  }

  override async append(batch: readonly Entry[]): Promise<void> {
    this.tries++;
    const { taken } = this.faster;
    await until(() => this.faster.taken > taken || this.faster.hasGivenWay, 'another has written');
    await super.append(batch);
  }
}

describe('a writer that is faster each time', () => {
  it.each([1, 20])('lets others write, too, with %d events in an insert', async (size) => {
    const connection = await connect();
    const faster = new Faster(connection);
    const slower = new Slower(connection, faster);
    const [busy, seldom] = [ledgerOn(faster).audit, ledgerOn(slower).audit];
    await busy.event(event);
    const state = { isOver: false };
    const writing = (async () => {
      while (!state.isOver) await Promise.all(Array.from({ length: size }, () => busy.event(event)));
    })();
    await seldom.event({ ...event, id: 'seldom' });
    expect(slower.tries).toBeGreaterThan(1);
    expect(faster.hasGivenWay).toBe(true);
    state.isOver = true;
    await writing;
    expect(await busy.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact' });
    await Promise.all([busy.close(), seldom.close()]);
  });

  it('asks for the lease once in fifty inserts while it is alone', async () => {
    const store = new Faster(await connect());
    const { audit } = ledgerOn(store);
    for (let n = 0; n < 149; n++) await audit.event(event);
    expect(store.taken).toBe(149);
    expect(store.looks).toBe(2);
    await audit.close();
  });
});
