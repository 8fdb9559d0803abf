import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditError } from '../../../lib/errors';
import type { DraftedEvent } from '../../../lib/event/drafter';
import { Folding } from '../../../lib/write/folding';
import { eventLine } from '../../../lib/write/spool/spool-line';
import type { LinePosition } from '../../../lib/write/spool/segment';
import { Spool } from '../../../lib/write/spool/spool';
import { leftIn } from '../../support/left-in-spool';
import { temporaryFolder } from '../../support/temporary';
import { countOf, repeatablesBy, START } from '../../support/refused';

const foldings: Folding[] = [];
const spools: Spool[] = [];

/** A folding with a spool, and what becomes of the events that count. `kept`: whether the spool has them as well. */
function setUp({ maxBytes = 64 * 1024 * 1024, kept = true } = {}) {
  let now = START;
  const directory = temporaryFolder();
  const errors: AuditError[] = [];
  const spool = new Spool({ directory }, maxBytes, (error) => errors.push(error));
  const folded: DraftedEvent[] = [];
  let recorded: () => void = () => undefined;
  const folding = new Folding({ now: () => now }, spool, (drafted, told) => {
    folded.push(drafted);
    recorded = told;
    return kept;
  });
  foldings.push(folding);
  spools.push(spool);
  const failureOf = repeatablesBy(() => now);
  /** Failures beyond the ten that are events of their own. */
  const repeat = (times: number, route?: string) => {
    const failure = failureOf(route === undefined ? {} : { route });
    for (let n = 0; n < times; n++) folding.add(failure, () => true);
  };
  const counts = async () => (await leftIn(directory, errors)).map(({ drafted }) => countOf(drafted.draft));
  /** Takes the room of so many bytes, until its line is released. */
  const fill = (bytes: number) => spool.write(`${'x'.repeat(bytes)}\n`) as LinePosition;
  const put = (on: number) => (now += on);
  return { folding, spool, directory, errors, folded, repeat, counts, fill, put, told: () => recorded() };
}

afterEach(() => {
  for (const folding of foldings.splice(0)) folding.stop();
  for (const spool of spools.splice(0)) spool.close();
});

describe('what is counted', () => {
  it.each([
    [10, []],
    [11, [1]],
    [12, [2]],
    [500, [490]],
  ])('of %d failures survives the process: %p', async (times, counts) => {
    const it = setUp();
    it.repeat(times);
    expect(await it.counts()).toEqual(counts);
  });

  it('is left as the entry that the process would have recorded', async () => {
    const it = setUp();
    it.repeat(11);
    it.put(50);
    it.repeat(2);
    const [left] = await leftIn(it.directory);
    it.folding.flush();
    expect(left!.drafted).toMatchObject({ draft: it.folded[0]!.draft, occurredAtGiven: true });
  });

  it('is left for each caller, and without what was recorded', async () => {
    const it = setUp();
    it.repeat(15, '/a');
    it.repeat(13, '/b');
    it.folding.flush();
    it.repeat(2, '/b');
    it.repeat(14, '/c');
    const left = await leftIn(it.directory);
    const ended = new Set(it.folded.map(({ draft }) => draft.id));
    // A quiet segment is not emptied for two recorded lines: the store knows them by their ids.
    const fresh = left.filter(({ drafted }) => !ended.has(drafted.draft.id));
    expect(fresh.map(({ drafted }) => countOf(drafted.draft))).toEqual([2, 4]);
  });

  it('is left whole over many segments, which go once it is recorded', async () => {
    const it = setUp();
    const lines = 3 * 45_000; // more than 8 MiB
    it.repeat(10 + lines);
    const [folder] = readdirSync(it.directory);
    const segments = () => readdirSync(join(it.directory, folder!)).filter((name) => name.endsWith('.jsonl'));
    expect(segments().length).toBeGreaterThanOrEqual(3);
    expect(await it.counts()).toEqual([lines]);
    it.folding.flush();
    expect(segments()).toHaveLength(1);
    expect(await it.counts()).toEqual([]);
  });
});

describe('when the spool has no room', () => {
  it('goes on to count in memory', () => {
    const it = setUp({ maxBytes: 1_000 });
    it.repeat(500);
    expect(it.errors).toMatchObject([{ code: 'SPOOL_UNWRITABLE' }]);
    it.folding.flush();
    expect(countOf(it.folded[0]!.draft)).toBe(490);
  });

  it('for the beginning, keeps what comes once there is room', async () => {
    const it = setUp({ maxBytes: 5_000 });
    const place = it.fill(4_900);
    it.repeat(13);
    expect(it.errors).toMatchObject([{ code: 'SPOOL_UNWRITABLE' }]);
    place.segment.release();
    it.repeat(4);
    expect(await it.counts()).toEqual([4]);
    it.folding.flush();
    expect(countOf(it.folded[0]!.draft)).toBe(7);
  });

  it('keeps the lines of what has ended until that is recorded', async () => {
    const it = setUp({ kept: false });
    it.repeat(15);
    it.folding.flush();
    it.spool.close();
    expect(await it.counts()).toEqual([5]);
  });

  it('lets the lines of what has ended go once that is recorded', async () => {
    const it = setUp({ kept: false });
    it.repeat(15);
    it.folding.flush();
    it.told();
    it.spool.close();
    expect(await it.counts()).toEqual([]);
  });
});

describe('when the folder of the spool is removed under way', () => {
  it('goes on to count', () => {
    const it = setUp();
    it.repeat(15);
    rmSync(it.directory, { recursive: true });
    it.repeat(60_000); // into a new segment, which cannot be made
    it.folding.flush();
    expect(countOf(it.folded[0]!.draft)).toBe(60_005);
  });
});

describe('a spool that is closed', () => {
  it('takes no lines, and writes none into a file that has its number now', () => {
    const { spool, directory, errors } = setUp();
    spool.write(eventLine('{}'));
    spool.close();
    const other = new Spool({ directory }, 1024, () => undefined);
    spools.push(other);
    const place = other.write('theirs\n')!;
    expect(spool.write('ours\n')).toBeNull();
    expect(place.segment.read(0, 100).toString()).toBe('theirs\n');
    expect(errors).toEqual([]);
  });
});
