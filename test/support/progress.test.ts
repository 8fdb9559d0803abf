import { reportProgress } from './progress';

describe('reportProgress', () => {
  it('says what begins, and that it is done', () => {
    const lines: string[] = [];
    reportProgress((line) => lines.push(line), 'Installing').end();
    expect(lines).toEqual(['Installing', '  done after 0 s']);
  });

  it('says in a plain log which step has begun', () => {
    const lines: string[] = [];
    const progress = reportProgress((line) => lines.push(line), 'Installing', false);
    progress.step('unpacking');
    progress.end();
    expect(lines).toContain('  unpacking: 0 s');
  });

  it('gives those that are under way at once the last line of a terminal together', () => {
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const silent = (): void => undefined;
    const [first, second] = [reportProgress(silent, 'First', true), reportProgress(silent, 'Second', true)];
    first.step('reading');
    second.step('unpacking');
    const line = written.mock.lastCall?.[0];
    first.end();
    second.end();
    written.mockRestore();

    expect(line).toBe('\r\x1b[K  reading: 0 s · unpacking: 0 s');
  });
});
