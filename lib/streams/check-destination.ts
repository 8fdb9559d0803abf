import type { Entry } from '../chain/entry';
import { GENESIS, link } from '../chain/link';
import { sha256 } from '../crypto/node';
import { withTimeout } from '../util/timeout';
import type { Delivery, Destination, Piece } from './destination';
import { createFormat } from './format/format';
import { DeliveryMeans, OPEN_NETWORK } from './net/means';
import { write } from './piece';

/** A destination that is to be checked, and a look at the other side. */
export interface DestinationCheck {
  /** Made anew where a process would begin anew. */
  destination: () => Destination;
  /** What the other side has, in the order in which it came; repetitions that it tells may be left out. */
  received: () => Promise<readonly { tenantId: string; seq: number }[]>;
  /** Makes the other side fail, and gives what ends that. Not checked when left out. */
  fail?: () => Promise<() => Promise<void>>;
}

const TENANT = 'check';
const AT = '2026-01-01T00:00:00.000Z';

/** What formats and lines stumble over. */
const HOSTILE = 'a"b\\c\nd\re\u2028f\u{1f600}g|h=i]j<k>&l\tm';

/** How long a delivery may go on once it was told to end, in milliseconds. */
const PATIENCE = 5_000;

/**
 * Holds a destination to what streams rely on: entries whole, once and in order, an honest word on failures, and an end when it
 * is told to.
 * @throws {Error} that names all faults
 */
export async function checkDestination({ destination, received, fail }: DestinationCheck): Promise<void> {
  const faults: string[] = [];
  const expect = (isRight: boolean, fault: string) => isRight || faults.push(fault);
  const to = destination();
  const { limits, kind, address } = to;
  expect(typeof kind === 'string' && kind !== '', '`kind` must be a text');
  expect(typeof address === 'string' && address !== '', '`address` must be a text');
  for (const limit of ['entries', 'bytes'] as const)
    expect(
      Number.isInteger(limits[limit]) && limits[limit] > 0,
      `\`limits.${limit}\` must be a whole number from 1`,
    );
  const all = pieces(to);
  expect(all.length === COUNT, '`encode` must give a text of an entry within its limits');
  const again = pieces(to);
  expect(
    all.every(({ text }, i) => text === again[i]?.text),
    '`encode` must give the same each time',
  );

  const batch = all.slice(0, Math.min(limits.entries, FIRST));
  const kept = JSON.stringify(batch);
  const first = await deliver(to, batch);
  expect(first.result === 'taken', `a delivery must be taken, got ${JSON.stringify(first)}`);
  expect(JSON.stringify(batch) === kept, '`deliver` must not change what it is given');
  expect(inOrder(await received(), batch), 'the other side must have all entries, in order');
  expect((await deliver(to, batch)).result === 'taken', 'what was delivered before must be taken again');

  if (fail) await checkFailure();
  let hasEnded = false;
  const aborted = deliver(to, batch, AbortSignal.abort()).then(() => (hasEnded = true));
  await withTimeout(PATIENCE, aborted);
  expect(hasEnded, `\`deliver\` must end within ${PATIENCE / 1000} s once its signal is aborted`);
  await to.close?.();
  if (faults.length > 0) throw new Error(`The destination ${kind} does not hold: ${faults.join('; ')}.`);

  async function checkFailure(): Promise<void> {
    const next = all.slice(FIRST, FIRST + Math.min(limits.entries, FIRST));
    const restore = await (fail as NonNullable<typeof fail>)();
    const failed = await deliver(to, next);
    expect(
      failed.result === 'retry' || failed.result === 'stop',
      `a failure must be told, got ${failed.result}`,
    );
    await restore();
    const renewed = destination();
    const taken = await deliver(renewed, next);
    expect(taken.result === 'taken', `what failed must be taken afterwards, got ${JSON.stringify(taken)}`);
    expect(inOrder(await received(), [...batch, ...next]), 'nothing may be missing after a failure');
    await renewed.close?.();
  }
}

const FIRST = 20;
const COUNT = 2 * FIRST;

/** A delivery as a stream tries it: what it throws is a failure. */
async function deliver(
  to: Destination,
  batch: readonly Piece[],
  signal = AbortSignal.timeout(30_000),
): Promise<Delivery> {
  try {
    return await to.deliver(batch, new DeliveryMeans(OPEN_NETWORK, signal, Date.now));
  } catch (error) {
    return { result: 'retry', reason: String(error) };
  }
}

/** Whether each entry came, the first time in the order of its number. */
function inOrder(received: readonly { tenantId: string; seq: number }[], batch: readonly Piece[]): boolean {
  const firsts = new Set(received.filter(({ tenantId }) => tenantId === TENANT).map(({ seq }) => seq));
  return [...firsts].join() === batch.map(({ entry }) => entry.seq).join();
}

function pieces(to: Destination): Piece[] {
  const entries: Entry[] = [];
  for (let n = 0; n < COUNT; n++) {
    const text = n % 2 === 0 ? 'plain' : HOSTILE;
    const names = {
      actor: text,
      actorName: text,
      action: n % 2 === 0 ? 'org.member.invite' : text,
      resource: text,
    };
    const draft = {
      v: 1 as const,
      tenantId: TENANT,
      id: `check-${n}`,
      occurredAt: AT,
      outcome: 'success' as const,
    };
    entries.push(link({ ...draft, ...names, metadata: { text } }, entries.at(-1) ?? GENESIS, AT, sha256));
  }
  return entries.flatMap((entry) => {
    const reading = { documentId: null, seq: entry.seq, hash: entry.hash, entry, fault: null };
    const written = write(reading, TENANT, { destination: to, format: createFormat(to.format), filter: {} });
    return written && 'piece' in written && written.piece.text !== '' ? [written.piece] : [];
  });
}
