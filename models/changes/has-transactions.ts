import type { Connection } from 'mongoose';

/** What servers said, by client: it does not change while one is connected. */
const known = new WeakMap<object, Promise<boolean>>();

/** Whether the server has transactions: a replica set or a sharded cluster. */
export async function hasTransactions(connection: Connection): Promise<boolean> {
  const client = connection.getClient();
  const asked = known.get(client) ?? ask(connection);
  known.set(client, asked);
  try {
    return await asked;
  } catch (error) {
    known.delete(client);
    throw error;
  }
}

async function ask({ db }: Connection): Promise<boolean> {
  const hello = await db?.admin().command({ hello: 1 });
  return hello?.['setName'] !== undefined || hello?.['msg'] === 'isdbgrid';
}
