import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditError } from '../../../../lib/errors';
import { Folder, readOwner } from '../../../../lib/write/spool/folder';
import { repeatLine } from '../../../../lib/write/spool/spool-line';
import { type AbandonedEvent, AbandonedFolder } from '../../../../lib/write/spool/abandoned-folder';
import { foldOf, leaveFolder, lineOf, segmentName } from '../../../support/left-folder';
import { temporaryFolder } from '../../../support/temporary';
import { sha256 } from '../../../../lib/crypto/node';

const MIB = 1024 * 1024;
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;

function remainsOf(segments: (string | Buffer)[]) {
  const directory = temporaryFolder();
  const path = leaveFolder(directory, segments);
  const errors: AuditError[] = [];
  const remains = new AbandonedFolder(Folder.claim(readOwner(path)!)!, (error) => errors.push(error));
  return { directory, path, errors, remains };
}

async function all(remains: AbandonedFolder): Promise<AbandonedEvent[]> {
  const events: AbandonedEvent[] = [];
  for await (const event of remains.events()) events.push(event);
  return events;
}

function idsOf(events: AbandonedEvent[]): string[] {
  return events.map(({ drafted }) => drafted.draft.id);
}

describe('what was left', () => {
  it('comes in the order in which it was accepted', async () => {
    const { remains } = remainsOf([lineOf('a') + lineOf('b'), '', lineOf('c')]);
    expect(idsOf(await all(remains))).toEqual(['a', 'b', 'c']);
  });

  it('goes when it is recorded: each segment with its last event, the folder with the last segment', async () => {
    const { directory, path, remains } = remainsOf([lineOf('a') + lineOf('b'), lineOf('c')]);
    const [a, b, c] = (await all(remains)) as [AbandonedEvent, AbandonedEvent, AbandonedEvent];
    const segments = () => readdirSync(path).filter((name) => name.endsWith('.jsonl'));
    expect(remains.release(b.segments)).toBe(false);
    expect(segments()).toEqual([segmentName(1), segmentName(2)]);
    expect(remains.release(a.segments)).toBe(false);
    expect(segments()).toEqual([segmentName(2)]);
    expect(remains.release(c.segments)).toBe(true);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('stays as a whole while it is read', async () => {
    const { path, remains } = remainsOf([lineOf('a'), lineOf('b')]);
    for await (const { segments } of remains.events()) {
      expect(remains.release(segments)).toBe(false);
      expect(existsSync(join(path, segmentName(1)))).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['has no segments', []],
    ['has none but empty ones', ['', '']],
  ])('goes at once when it %s', async (_, segments) => {
    const { directory, remains } = remainsOf(segments);
    expect(await all(remains)).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is read on when its former owner, which lives, has removed a segment', async () => {
    const { directory, path, remains } = remainsOf([lineOf('a'), lineOf('b'), lineOf('c')]);
    const ids: string[] = [];
    for await (const { drafted, segments } of remains.events()) {
      ids.push(drafted.draft.id);
      if (ids.length === 1) unlinkSync(join(path, segmentName(2)));
      remains.release(segments);
    }
    expect(ids).toEqual(['a', 'c']);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a last line without its end', () => {
  it.each([
    ['torn', lineOf('b').slice(0, 50)],
    ['whole but for its end', lineOf('b').trimEnd()],
    ['of NUL bytes, as after a power loss', '\0'.repeat(4096)],
    ['torn within a character', Buffer.from(lineOf('b', { a: 'ü'.repeat(50) })).subarray(0, -60)],
  ])('is ignored when it is %s: it was never accepted', async (_, torn) => {
    const { directory, errors, remains } = remainsOf([
      Buffer.concat([Buffer.from(lineOf('a')), Buffer.from(torn)]),
    ]);
    const [a, ...others] = await all(remains);
    expect([a?.drafted.draft.id, others]).toEqual(['a', []]);
    remains.release(a!.segments);
    expect(errors).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a damaged line', () => {
  const forged = (text: string) => `${sha256(text).slice(0, 16)} ${text}\n`;
  it.each([
    ['has another character', lineOf('x').replace('"x"', '"y"')],
    ['lacks its beginning', lineOf('x').slice(20)],
    ['is of NUL bytes', `${'\0'.repeat(4096)}\n`],
    ['is empty', '\n'],
    ['is no UTF-8', Buffer.from([0xff, 0xfe, 0x0a])],
    ['has members that nobody knows', forged('e{"draft":{"evil":1},"occurredAtGiven":true}')],
    ['has 20 MB', `${'x'.repeat(20 * MIB)}\n`],
    ['has 20 MB and is valid JSON', forged(`e{"a":"${'x'.repeat(20 * MIB)}"}`)],
  ])('that %s costs no other event, and its file is kept', async (_, line) => {
    const content = Buffer.concat([lineOf('a'), line, lineOf('b')].map((part) => Buffer.from(part)));
    const { directory, path, errors, remains } = remainsOf([content, lineOf('c')]);
    const events = await all(remains);
    expect(idsOf(events)).toEqual(['a', 'b', 'c']);
    for (const { segments } of events) remains.release(segments);

    const kept = `${path}-${segmentName(1)}.damaged`;
    expect(readdirSync(directory).map((name) => join(directory, name))).toEqual([kept]);
    expect(readFileSync(kept).equals(content)).toBe(true);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'SPOOL_DAMAGED', message: expect.stringContaining(kept) }),
    ]);
  });

  it('leaves its file where the next process finds it, until the good events are recorded', async () => {
    const { path, errors, remains } = remainsOf([`${lineOf('a')}damaged\n`]);
    await all(remains);
    remains.abandon(); // as if killed: nothing is recorded
    expect(errors).toEqual([]);
    const next = new AbandonedFolder(Folder.claim(readOwner(path)!)!, (error) => errors.push(error));
    const [a] = await all(next);
    expect(a?.drafted.draft.id).toBe('a');
    next.release(a!.segments);
    expect(errors).toHaveLength(1);
  });
});

describe('a line as long as they come', () => {
  it('is read, wherever it begins', async () => {
    const half = 'x'.repeat(512 * 1024 - 100);
    const text = `e${JSON.stringify({
      draft: {
        v: 1,
        tenantId: 't',
        id: 'longest',
        occurredAt: at(0),
        actor: 'a',
        action: 'a.b',
        outcome: 'success',
        metadata: { half },
        before: half,
        after: half,
      },
      occurredAtGiven: false,
    })}`;
    const { errors, remains } = remainsOf([
      `${lineOf('before')}${sha256(text).slice(0, 16)} ${text}\n${lineOf('after')}`,
    ]);
    expect(idsOf(await all(remains))).toEqual(['before', 'longest', 'after']);
    expect(errors).toEqual([]);
  });
});

describe('a folded event', () => {
  it('whose end is not there is counted up, after the others, and holds all its segments', async () => {
    const { remains } = remainsOf([
      foldOf('f') + repeatLine('f', at(1)) + lineOf('a'),
      repeatLine('f', at(2)),
      lineOf('b'),
    ]);
    const events = await all(remains);
    expect(idsOf(events)).toEqual(['a', 'b', 'f']);
    const folded = events[2]!;
    expect(folded.drafted.draft.metadata).toEqual({ count: 3, from: '1970-01-01T00:00:00.000Z', to: at(2) });
    expect(folded.drafted.partial).toBe(true);
    expect([...folded.segments]).toEqual([segmentName(1), segmentName(2)]);
  });

  it('whose end is there is that end, once', async () => {
    const end = lineOf('f', { count: 3 });
    const { remains } = remainsOf([foldOf('f') + repeatLine('f', at(1)), repeatLine('f', at(2)) + end]);
    const events = await all(remains);
    expect(events.map(({ drafted }) => drafted)).toMatchObject([{ draft: { metadata: { count: 3 } } }]);
    expect(events[0]!.drafted.partial).toBeUndefined();
  });

  it('whose beginning is not there was recorded', async () => {
    const { directory, errors, remains } = remainsOf([repeatLine('f', at(1))]);
    expect(await all(remains)).toEqual([]);
    expect(errors).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('does not mix with others', async () => {
    const { remains } = remainsOf([
      foldOf('f') + foldOf('g') + repeatLine('g', at(1)) + repeatLine('f', at(2)) + repeatLine('g', at(3)),
    ]);
    const events = await all(remains);
    expect(events.map(({ drafted }) => drafted.draft)).toEqual([
      expect.objectContaining({ id: 'f', metadata: expect.objectContaining({ count: 2, to: at(2) }) }),
      expect.objectContaining({ id: 'g', metadata: expect.objectContaining({ count: 3, to: at(3) }) }),
    ]);
  });
});
