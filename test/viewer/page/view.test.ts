import {
  conditionCount,
  isExportable,
  isLookedAt,
  isOpenEnded,
  isUnbroken,
  NO_FILTER,
  paramsOf,
  queryOf,
  viewOf,
} from '../../../viewer/page/data/filter';
import { pageDe } from '../../../viewer/texts/de';
import { pageEn } from '../../../viewer/texts/en';
import { cut, piecesOf, visibleText } from '../../../viewer/page/text/visible';

const NOW = Date.parse('2026-11-22T10:00:30.500Z');
const read = (query: string) => viewOf(new URLSearchParams(query));

describe('the address', () => {
  it('says what is shown, and is read back', () => {
    const query =
      'actor=ann&action=org.*&resource=a%26b&outcome=denied&from=2026-11-01&to=2026-11-21&q=x&entry=id';
    expect(paramsOf(read(query)).toString()).toBe(
      'actor=ann&action=org.*&resource=a%26b&outcome=denied&from=2026-11-01&to=2026-11-21&q=x&entry=id',
    );
    expect(read('period=7d&from=2026-11-01').filter).toEqual({ ...NO_FILTER, period: '7d' });
  });

  it('takes outcomes for those that are left of all: an index knows them', () => {
    const outcomeOf = (query: string) => read(query).filter.outcome;
    expect(outcomeOf('outcome=!success')).toBe('failure | denied');
    expect(outcomeOf('outcome=failure&outcome=denied&outcome=!failure')).toBe('denied');
    expect(['', 'outcome=success&outcome=denied&outcome=failure'].map(outcomeOf)).toEqual(['', '']);
    const { filter } = read('outcome=denied&outcome=failure');
    expect([isLookedAt(filter), isExportable(filter)]).toEqual([false, false]);
    expect(queryOf(filter, NOW)).toEqual({ outcome: ['failure', 'denied'] });
  });

  it('says when things happened, and whose are left out', () => {
    const query = 'notActor=robot&notActor=sam&occurredFrom=2026-11-01&occurredTo=2026-11-21T10%3A00%3A00Z';
    const view = read(`${query}&occurredTo=yesterday`);
    expect(paramsOf(view).toString()).toBe(query);
    expect(queryOf(view.filter, NOW)).toEqual({
      notActor: ['robot', 'sam'],
      occurredFrom: '2026-11-01',
      occurredTo: '2026-11-21T10:00:00Z',
    });
    expect(read('occurredFrom=yesterday').filter).toEqual(NO_FILTER);
    expect([conditionCount(view.filter), isLookedAt(view.filter), isUnbroken(view.filter)]).toEqual([
      2,
      true,
      false,
    ]);
  });

  it('leaves out what it does not know', () => {
    expect(read('outcome=maybe&from=yesterday&period=constructor&x=1')).toEqual({
      filter: NO_FILTER,
      search: '',
      entryId: null,
    });
  });
});

describe('a filter', () => {
  it('of several values is several parameters, in the address and for the server', () => {
    const query = 'actor=a&actor=b+c&action=org.*&action=%21x.y&requestId=r&text=two+words';
    const view = read(query);
    expect(view.filter).toMatchObject({
      actor: 'a | b c',
      action: 'org.* | !x.y',
      text: 'two words',
      requestId: 'r',
    });
    expect(paramsOf(view).toString()).toBe(query);
    expect(queryOf(view.filter, NOW)).toEqual({
      ...{ actor: ['a', 'b c'], action: ['org.*', '!x.y'], text: 'two words', requestId: 'r' },
    });
  });

  it('is of an export, or counted, where an index knows it', () => {
    for (const change of [{ text: 'x' }, { requestId: 'r' }, { action: 'a | !b' }]) {
      expect(isLookedAt({ ...NO_FILTER, ...change })).toBe(true);
      expect(isExportable({ ...NO_FILTER, ...change })).toBe(false);
    }
    expect([
      isLookedAt({ ...NO_FILTER, actor: 'a | b' }),
      isExportable({ ...NO_FILTER, actor: 'a | b' }),
    ]).toEqual([false, false]);
    expect(isExportable({ ...NO_FILTER, actor: 'a', action: 'org.*', period: '7d' })).toBe(true);
    expect(isUnbroken({ ...NO_FILTER, ipAddress: '10.0.0.1' })).toBe(false);
  });

  it('counts a period back from now, in minutes', () => {
    expect(queryOf({ ...NO_FILTER, actor: 'ann', period: '24h' }, NOW)).toEqual({
      actor: 'ann',
      from: '2026-11-21T10:00:00.000Z',
    });
  });

  it('is open until its end has passed', () => {
    expect(isOpenEnded(NO_FILTER, NOW)).toBe(true);
    expect(isOpenEnded({ ...NO_FILTER, to: '2026-11-22' }, NOW)).toBe(true);
    expect(isOpenEnded({ ...NO_FILTER, to: '2026-11-21' }, NOW)).toBe(false);
  });

  it('leaves no numbers out where it names dates alone', () => {
    expect(isUnbroken({ ...NO_FILTER, from: '2026-11-01' })).toBe(true);
    expect(isUnbroken({ ...NO_FILTER, outcome: 'denied' })).toBe(false);
    expect(conditionCount({ ...NO_FILTER, actor: 'ann', from: '2026-11-01', to: '2026-11-02' })).toBe(2);
  });
});

describe('visible texts', () => {
  it('show what would not be seen', () => {
    expect(visibleText('a\u0000\n\u007f\u0085\u202e\u2066\ufeff\ud800b')).toBe(
      'a\u2400\u240a\u2421\\u0085\\u202E\\u2066\\uFEFF\\uD800b',
    );
    expect(visibleText('\u{e0041}')).toBe('\\u{E0041}');
    expect(piecesOf('a\u0000b')).toEqual([
      { text: 'a', isEscape: false },
      { text: '\u2400', isEscape: true },
      { text: 'b', isEscape: false },
    ]);
  });

  it('leave scripts and emoji as they are', () => {
    for (const text of ['', 'مدير النظام', '👩‍💻', 'Zürich', '<b>']) expect(visibleText(text)).toBe(text);
  });

  it('are not cut within a character', () => {
    expect(cut('a👩b', 2)).toBe('a');
    expect(cut('a👩b', 3)).toBe('a👩');
  });
});

describe('the texts', () => {
  it('name one entry, and a run of them', () => {
    const { broken, missing } = pageEn.list;
    expect([`${broken(20, 20)} ${missing(20, 20)}`, `${broken(20, 18)} ${missing(18, 20)}`]).toEqual([
      'Entry 20 is missing from the trail.',
      'Entries 18 to 20 are missing from the trail.',
    ]);
    expect([broken(7), broken(null), pageDe.list.broken(20, 18)]).toEqual([
      'Entry 7',
      'An entry',
      'Einträge 18 bis 20',
    ]);
  });

  it('count in both languages', () => {
    expect([pageEn.live.fresh(1), pageEn.live.fresh(2000)]).toEqual(['1 new entry', '2,000 new entries']);
    expect([pageDe.live.fresh(1), pageDe.live.fresh(2000)]).toEqual([
      '1 neuer Eintrag',
      '2.000 neue Einträge',
    ]);
  });
});
