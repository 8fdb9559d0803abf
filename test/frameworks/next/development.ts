import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { Reader } from '../ledgers';
import { NextProcess } from './next-process';

/** How much of what Next said a failure shows, in characters. */
const SHOWN = 2_000;

const USER = { cookie: 'user=ada' };

/** Runs `next dev`, and edits the module that makes the ledger. */
export async function developWithEdits(project: string, uri: string): Promise<void> {
  const dbName = `next_${randomBytes(6).toString('hex')}`;
  const reader = await Reader.open(uri, dbName);
  const file = join(project, 'lib/audit.js');
  const text = readFileSync(file, 'utf8');
  const env = { MONGODB_URI: uri, DB_NAME: dbName, BASE_PATH: '/base', TRAILING_SLASH: '1' };
  const next = await NextProcess.start(project, 'dev', env, '/base/passed');
  const record = async (): Promise<void> => {
    const response = await fetch(`${next.url}/base/event/a/b`, { headers: USER });
    assert.equal(response.status, 200, await response.text());
    assert.equal((await fetch(`${next.url}/base/list/`)).status, 200); // a page, which has a copy of its own
  };
  const lives = async (): Promise<string[]> => {
    const { entries } = await reader.all('audit');
    return entries.map(({ action }) => action).filter((action) => /^ledger\.st/.test(action));
  };
  try {
    await mountIn(next.url);
    for (let edit = 0; edit < 3; edit++) {
      await record();
      writeFileSync(file, text.replace('edits: 0', `edits: ${edit + 1}`));
    }
    await record();
    assert.deepEqual(await lives(), ['ledger.started']);
    // Other options make another ledger, and the one that was is closed; modules that Next has not loaded again yet go on
    // with it, and may even ask for the old options once more.
    writeFileSync(file, text.replace("'next.example'", "'edited.example'"));
    await eventually(async () => {
      await record();
      const lived = await lives();
      const [started = [], stopped = []] = ['ledger.started', 'ledger.stopped'].map((action) =>
        lived.filter((other) => other === action),
      );
      assert.ok(stopped.length > 0, 'the first is closed');
      assert.equal(started.length - stopped.length, 1);
    });
  } catch (error) {
    throw new Error(`${String(error)}\n${next.said.slice(-SHOWN)}`, { cause: error });
  } finally {
    writeFileSync(file, text);
    await next.stop();
    await reader.close();
  }
}

/** The trail where a base path is before it, and a slash behind it. */
async function mountIn(url: string): Promise<void> {
  let [at, left] = [`${url}/base/audit`, 4];
  for (;;) {
    const response = await fetch(at, { headers: USER, redirect: 'manual' });
    const location = response.headers.get('location');
    if (location === null) {
      assert.equal(response.status, 200, at);
      assert.match(await response.text(), /viewer\.js/);
      break;
    }
    at = new URL(location, at).href;
    assert.ok(left-- > 0, `a loop at ${at}`);
  }
  assert.match(at, /\/base\/audit\/(trail\.html)?$/);
  for (const path of ['viewer.js', 'viewer.css', 'entries', 'session']) {
    const response = await fetch(new URL(`./${path}`, at), { headers: USER });
    assert.equal(response.status, 200, `${path}: ${await response.text()}`);
  }
}
