import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, Schema } from 'mongoose';
import { type Audit, auditChanges } from '../../index';
import { createAudit } from '../support/create-audit';
import { UNACCOUNTED } from '../../models/reconcile/history';
import { compiledPath } from '../support/compiled-path';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { until } from '../support/deadline';
import { temporaryFolder } from '../support/temporary';
import { runHere, startProgram } from './program';

let connection: Connection;
let audit: Audit;
let at: string[] = [];
beforeAll(async () => {
  connection = await connect();
  at = ['--uri', sharedDatabaseUri(), '--db', connection.name];
  audit = createAudit({ connection, redact: { names: ['passport'] } });
  const schema = new Schema({ tenant: String, name: String, passport: String });
  schema.plugin(auditChanges, { name: 'contact', audit, tenant: 'tenant' });
  const Contact = connection.model('Contact', schema);
  await Contact.create([
    { tenant: 'acme', name: 'a', passport: 'P-1' },
    { tenant: 'acme', name: 'b' },
  ]);
  await audit.flush();
});
afterAll(() => audit.close());

/** A module of an application: its models, and not its connection. */
function application(exported = 'exports.Contact = Contact; exports.audit = audit;'): string {
  const file = join(temporaryFolder(), 'models.cjs');
  const [index, mongoose] = ['index.ts', 'node_modules/mongoose/index.js'].map((path) =>
    JSON.stringify(compiledPath(path)),
  );
  writeFileSync(
    file,
    `const { auditChanges, createAudit } = require(${index});
const mongoose = require(${mongoose});
const audit = createAudit({ redact: { names: ['passport'] } });
const schema = new mongoose.Schema({ tenant: String, name: String, passport: String });
schema.plugin(auditChanges, { name: 'contact', audit, tenant: 'tenant' });
const Contact = mongoose.models.Contact ?? mongoose.model('Contact', schema);
${exported}`,
  );
  return file;
}

const now = ['--grace', '0'];

describe('audit-ledger reconcile', () => {
  it('says what has no event and records it, by the options that the model has, and then there is nothing', async () => {
    const model = application();
    expect(await runHere(['reconcile', ...at, '--model', model, ...now])).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 documents were compared with the trail: without an event 0 changed'),
    });
    await connection
      .collection('contacts')
      .updateOne({ name: 'a' }, { $set: { name: 'c', passport: 'P-2' } });
    const dry = await runHere([
      'reconcile',
      ...at,
      '--model',
      model,
      '--model',
      'Contact',
      '--dry-run',
      ...now,
    ]);
    expect([dry.code, dry.out]).toEqual([
      1,
      expect.stringMatching(/^acme: contact \w+ was changed \(name\) without/),
    ]);
    expect(dry.out).toContain('not compared of contact: passport');
    const state = join(temporaryFolder(), 'state');
    const found = await runHere(['reconcile', ...at, '--model', model, '--state', state, '--json', ...now]);
    expect(found.code).toBe(1);
    const [finding, report] = found.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(finding).toMatchObject({ finding: { kind: 'changed', tenantId: 'acme', changed: ['name'] } });
    expect(report).toMatchObject({
      report: { changed: 1, isComplete: true, notCompared: { contact: ['passport'] } },
    });
    expect(JSON.stringify(await audit.list({ tenantId: 'acme', action: UNACCOUNTED }))).not.toContain('P-2');
    expect(existsSync(state)).toBe(true);
    expect((await runHere(['reconcile', ...at, '--model', model, '--state', state, ...now])).code).toBe(0);
  });

  it('takes what has no history as it is, in steps', async () => {
    const model = application('exports.mongoose = mongoose;');
    await connection.collection('contacts').insertOne({ tenant: 'acme', name: 'old', _id: 1 as never });
    const state = join(temporaryFolder(), 'state');
    const run = () =>
      runHere(['reconcile', ...at, '--model', model, '--baseline', '--limit', '1', '--state', state, ...now]);
    const steps = [await run()];
    while (steps.at(-1)!.out.includes('not all was looked at')) steps.push(await run());
    expect(steps.map(({ out }) => out).join('')).toContain(
      '1 have no history, 1 of them recorded as they are',
    );
    expect((await runHere(['reconcile', ...at, '--model', model, ...now])).out).not.toContain('history');
  });

  it('goes on until it is ended', async () => {
    const model = application();
    const state = join(temporaryFolder(), 'state');
    const args = ['--model', model, '--follow', '--every', '0', '--state', state, '--json', ...now];
    const program = startProgram(['reconcile', ...at, ...args]);
    let out = '';
    program.stdout!.on('data', (text) => (out += String(text)));
    const exit = once(program, 'exit');
    await until(() => out.includes('"report"'), 'it has looked once');
    await connection.collection('contacts').updateOne({ name: 'b' }, { $set: { name: 'd' } });
    await until(() => out.includes('"finding"'), 'it has looked again');
    program.kill('SIGTERM');
    expect(await exit).toEqual([143, null]);
    expect(readFileSync(state, 'utf8')).not.toBe('');
  });

  it.each([
    [[], 'must name a JavaScript module'],
    [['--model', 'Contact'], 'must name a JavaScript module'],
    [['--model', 'FILE', '--model', 'Other'], 'There is no model "Other"'],
    [['--model', 'FILE', '--limit', 'x'], '--limit must be a number'],
    [['--model', 'FILE', '--limit', '0'], '`limit` must be a whole number'],
    [['--model', 'FILE', '--state', 'FILE'], 'cannot go on at its `position`'],
    [['--model', 'BROKEN'], 'cannot be loaded: no'],
    [['--model', 'EMPTY'], 'has no model whose schema'],
  ])('%j is refused', async (args, why) => {
    const files = {
      FILE: application(),
      BROKEN: application('throw new Error("no");'),
      EMPTY: application('exports.none = null;'),
    } as Record<string, string>;
    const given = args.map((one) => files[one] ?? one);
    expect(await runHere(['reconcile', ...at, ...given])).toMatchObject({
      code: 2,
      err: expect.stringContaining(why),
    });
  });
});
