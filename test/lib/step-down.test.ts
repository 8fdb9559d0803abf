import { text } from 'node:stream/consumers';
import type { Connection } from 'mongoose';
import type { Audit } from '../../index';
import { createAudit } from '../support/create-audit';
import { failingServer } from '../support/fail-points';
import { newKey } from '../support/signing';
import { sized } from '../support/sized';

const server = failingServer();

let connection: Connection;
let audit: Audit;
const errors: unknown[] = [];

beforeAll(async () => {
  connection = await server.connect();
  audit = createAudit({ connection, ledger: 'l.example', signingKey: newKey() });
  audit.on('error', (error) => errors.push(error));
  await audit.ready();
});
afterAll(() => audit.close());

const event = (tenantId: string) => ({ tenantId, action: 'a.b' });

/** What is done to a chain of 3 entries, the command that fails in it, and how many entries there are afterwards. */
const OPERATIONS: [string, string, number, (tenantId: string) => Promise<unknown>][] = [
  ['event', 'insert', 4, (tenantId) => audit.event(event(tenantId))],
  ['event, at the look for the end', 'find', 4, (tenantId) => audit.event(event(tenantId))],
  ['batch', 'insert', 5, (tenantId) => audit.batch().event(event(tenantId)).event(event(tenantId)).commit()],
  [
    'event in a transaction',
    'insert',
    4,
    (tenantId) => connection.transaction((session) => audit.event(event(tenantId), { session })),
  ],
  [
    'the commit of one',
    'commitTransaction',
    4,
    (tenantId) => connection.transaction((session) => audit.event(event(tenantId), { session })),
  ],
  [
    'the removal from the outbox',
    'delete',
    4,
    async (tenantId) => {
      await connection.transaction((session) => audit.event(event(tenantId), { session }));
      await audit.flush();
    },
  ],
  ['list', 'find', 3, async (tenantId) => expect(await audit.list({ tenantId })).toHaveLength(3)],
  [
    'a list by prefix',
    'find',
    3,
    async (tenantId) => expect(await audit.list({ tenantId, action: 'a.*' })).toHaveLength(3),
  ],
  [
    'verify',
    'find',
    3,
    async (tenantId) => expect(await audit.verify({ tenantId })).toMatchObject({ size: 3 }),
  ],
  ['checkpoint, at its tiles', 'update', 3, (tenantId) => audit.checkpoint(tenantId)],
  ['checkpoint', 'insert', 3, (tenantId) => audit.checkpoint(tenantId)],
  [
    'export',
    'find',
    4, // its own entry
    async (tenantId) =>
      expect((await text(await audit.exportEvidence({ tenantId }))).split('\n').length).toBeGreaterThan(4),
  ],
];

/** How an operation meets the election: the primary says so, or is gone. */
const WAYS: [string, (command: string) => object][] = [
  ['says that it is none any more', (command) => ({ errorCode: 189, errorLabels: labelsOf(command) })],
  ['hangs up', () => ({ closeConnection: true })],
];

/** As mongod gives them by itself. */
function labelsOf(command: string): string[] {
  if (command === 'find') return [];
  return command === 'commitTransaction'
    ? ['RetryableWriteError', 'UnknownTransactionCommitResult']
    : ['RetryableWriteError', 'TransientTransactionError'];
}

// The driver waits half a second for a primary each time.
describe.each(WAYS.slice(0, sized(1, WAYS.length)))(
  'when the primary %s in the middle of',
  (way, failure) => {
    it.each(OPERATIONS)(
      '%s (%s), all is there once, and nothing is told of',
      async (name, command, size, run) => {
        const tenantId = `${name}, ${way}`;
        for (let n = 0; n < 3; n++) await audit.event(event(tenantId));
        await server.fail([command], failure(command));
        await run(tenantId);
        await server.mend();
        await audit.flush();
        expect(await audit.verify({ tenantId })).toMatchObject({ verdict: 'intact', size });
        expect(errors).toEqual([]);
      },
    );
  },
);
