import { downloaded, fileNameOf } from '../../../viewer/page/data/download';

const answer = (...chunks: string[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    }),
  );

describe('downloaded', () => {
  it('counts records while it reads', async () => {
    const seen: number[] = [];
    const file = await downloaded(answer('{}\n{', '}\n{}\n'), 'jsonl', ({ records }) => seen.push(records));
    expect(await file.text()).toBe('{}\n{}\n{}\n');
    expect(seen).toEqual([1, 3]);
  });

  it('counts rows of a table, not the line breaks in its cells', async () => {
    let records = 0;
    await downloaded(
      answer('a,b\r\n1,"x\ny"\r\n2,"""\n"\r\n'),
      'csv',
      (progress) => ({ records } = progress),
    );
    expect(records).toBe(2);
  });

  it.each([
    ['jsonl', '{}\n{'],
    ['csv', 'a,b\r\n1,"x\n'],
    ['csv', ''],
    ['json', '[\n{}'],
  ] as const)('refuses a %s file that is cut off: %j', async (format, text) => {
    await expect(downloaded(answer(text), format, () => undefined)).rejects.toMatchObject({ code: 'CUT' });
  });

  it('takes the name that the server gives', () => {
    const named = (disposition: string) =>
      fileNameOf(new Response('', { headers: { 'content-disposition': disposition } }), 'x.csv');
    expect(named('attachment; filename="a b.csv"')).toBe('a b.csv');
    expect(named('attachment; filename="../a.csv"')).toBe('x.csv');
    expect(named('inline')).toBe('x.csv');
  });
});
