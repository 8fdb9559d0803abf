import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { jsonl } from '../../../../streams';
import { deliver, pieces } from '../../../support/streams/deliver';
import { temporaryFolder } from '../../../support/temporary';

describe('jsonl', () => {
  it('appends a line for each entry, behind half a line that a killed process left', async () => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    const to = jsonl({ file });
    expect(await deliver(to, pieces(to, 2))).toEqual({ result: 'taken' });
    appendFileSync(file, '{"seq":3,"ha');
    await deliver(to, pieces(to, 3).slice(2));
    const lines = readFileSync(file, 'utf8').split('\n');
    expect([0, 1, 3].map((n) => (JSON.parse(lines[n]!) as { seq: number }).seq)).toEqual([1, 2, 3]);
    expect(lines).toHaveLength(5);
  });

  it('writes to a stream, and fails when that does', async () => {
    const stream = new PassThrough();
    const to = jsonl({ stream });
    await deliver(to, pieces(to, 1));
    expect(JSON.parse(String(stream.read()))).toMatchObject({ seq: 1 });
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) });
    broken.on('error', () => undefined);
    await expect(deliver(jsonl({ stream: broken }), pieces(to, 1))).rejects.toThrow('full');
  });

  it('takes a file or a stream', () => {
    expect(() => jsonl({} as never)).toThrow(/`file`, or a `stream`/);
    expect(() => jsonl({ file: '' })).toThrow(/`file`, or a `stream`/);
  });
});
