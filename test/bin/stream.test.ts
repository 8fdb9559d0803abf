import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { createAudit } from '../support/create-audit';
import { compiledPath } from '../support/compiled-path';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { until } from '../support/deadline';
import { temporaryFolder } from '../support/temporary';
import { runHere, startProgram } from './program';

let connection: Connection;
let at: string[] = [];
beforeAll(async () => {
  connection = await connect();
  at = ['--uri', sharedDatabaseUri(), '--db', connection.name];
  const audit = createAudit({ connection });
  const batch = audit.batch();
  for (let n = 0; n < 5; n++) batch.event({ tenantId: 't', action: 'org.a' });
  await batch.commit();
  await audit.close();
});

/** A module with one stream, into a file. */
function configure(): { file: string; config: string } {
  const folder = temporaryFolder();
  const [file, config] = [join(folder, 'audit.jsonl'), join(folder, 'streams.cjs')];
  writeFileSync(
    config,
    `const { jsonl } = require(${JSON.stringify(compiledPath('streams.ts'))});
exports.streams = [{ name: 'archive', to: jsonl({ file: ${JSON.stringify(file)} }), tenants: ['t'] }];`,
  );
  return { file, config };
}

const seqsIn = (file: string): number[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { seq: number }).seq)
    : [];

describe('audit-ledger stream', () => {
  it('delivers as a process of its own, until it is told to end; then it is seen and changed from elsewhere', async () => {
    const { file, config } = configure();
    const program = startProgram(['stream', 'run', ...at, '--config', config]);
    const exit = once(program, 'exit');
    await until(() => seqsIn(file).length === 5, 'all is delivered');
    await until(
      async () => (await runHere(['stream', 'status', ...at])).out.includes('5 delivered'),
      'its status says so',
    );
    program.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(seqsIn(file)).toEqual([1, 2, 3, 4, 5]);

    const { code, out } = await runHere(['stream', 'status', ...at]);
    expect([code, out]).toEqual([
      0,
      `archive: delivering, jsonl at ${file}, 5 delivered, 0 behind, 0 set aside\n`,
    ]);
    const named = [...at, '--stream', 'archive'];
    expect(await runHere(['stream', 'pause', ...named])).toMatchObject({ code: 0 });
    const [status] = JSON.parse(
      `[${(await runHere(['stream', 'status', '--json', ...at])).out}]`,
    ) as object[];
    expect(status).toMatchObject({ name: 'archive', state: 'paused' });
    expect(await runHere(['stream', 'replay', ...named, '--from', '4'])).toMatchObject({ code: 0 });
    expect(await runHere(['stream', 'resume', ...named])).toMatchObject({ code: 0 });
    const again = startProgram(['stream', ...at, '--config', config]);
    const ended = once(again, 'exit');
    await until(() => seqsIn(file).length === 7, 'the last two come again');
    again.kill('SIGINT');
    await ended;
    expect(seqsIn(file)).toEqual([1, 2, 3, 4, 5, 4, 5]);

    expect(await runHere(['stream', 'test', ...named, '--config', config])).toMatchObject({
      code: 0,
      out: 'It was taken.\n',
    });
    expect(await runHere(['stream', 'redeliver', ...named, '--config', config])).toMatchObject({ code: 0 });
    expect(await runHere(['stream', 'set-aside', ...named])).toMatchObject({ code: 0, out: '' });
  });

  it('says what it cannot do', async () => {
    const { config } = configure();
    expect(await runHere(['stream', 'run', ...at])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--config is missing'),
    });
    expect(await runHere(['stream', 'what', ...at])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"what" is none of run'),
    });
    expect(await runHere(['stream', 'pause', ...at, '--stream', 'none'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"none": no process has made a stream of that name known'),
    });
    writeFileSync(config, 'exports.stream = [];');
    expect(await runHere(['stream', 'run', ...at, '--config', config])).toMatchObject({
      code: 2,
      err: expect.stringContaining('exports no `streams`'),
    });
  });

  it('prints the index template without a database', async () => {
    const { code, out } = await runHere(['stream', 'template', '--data-stream', 'logs-a-b']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ index_patterns: ['logs-a-b'], data_stream: {} });
  });
});

describe('audit-ledger compare', () => {
  it('names what the other side lacks', async () => {
    const audit = createAudit({ connection });
    await audit.streams.replay('archive', { from: 6, tenantId: 't' });
    await audit.close();
    const list = join(temporaryFolder(), 'seqs.csv');
    const compare = (...more: string[]) =>
      runHere(['compare', ...at, '--stream', 'archive', '--seqs', list, ...more]);
    writeFileSync(list, 'tenantId,seq\r\n"t","1"\nt,4-5\nother,9\n');
    expect(await compare()).toMatchObject({ code: 1, out: 't: of 5 entries 2 missing: 2-3\n' });
    expect(await compare('--from', '4')).toMatchObject({ code: 0, out: 't: of 2 entries none is missing\n' });
    writeFileSync(list, '1-5\n');
    expect(await compare('--tenant', 't', '--json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('"missing":[]'),
    });
    writeFileSync(list, '1\nwhat\n');
    expect(await compare('--tenant', 't')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Line 2 of'),
    });
    expect(await compare('--tenant', 'none')).toMatchObject({ code: 2 });
  });
});
