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
});
