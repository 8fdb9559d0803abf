import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answering, type AnswerCase, REQUESTS } from '../support/answers';
import { collecting } from '../support/collecting';
import { type Fault, faultyProxy } from '../support/faulty-proxy';
import { serve } from '../support/served';
import vectors from '../vectors/collector.json';

const CLIENTS = join(__dirname, '../../docs/clients');
const run = promisify(execFile);

/** Runs a program that has `client`, and prints one JSON document. */
async function python(url: string, key: string, code: string): Promise<unknown> {
  const program = `import json\nfrom audit_ledger import AuditError, Client\nclient = Client()\n${code}`;
  const env = {
    ...process.env,
    AUDIT_LEDGER_URL: url,
    AUDIT_LEDGER_API_KEY: key,
    PYTHONPATH: CLIENTS,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const { stdout } = await run('python3', ['-c', program], { env });
  return JSON.parse(stdout);
}

it('the reference client in Python has at most 200 lines', () => {
  const lines = readFileSync(join(CLIENTS, 'audit_ledger.py'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(200);
});

describe('the reference client in Python', () => {
  it('records an event, and reads it', async () => {
    const { url, newKey, chain } = await collecting();
    const key = await newKey({ scopes: ['write', 'read'] });
    const read = await python(
      url,
      key,
      `receipt = client.event(action="a.b", actor={"id": "ada"}, metadata={"n": 1, "name": "Zoë"}, before=None)
entry = client.get("acme", receipt["id"])
entries, cursor = client.list("acme", action="a.*", limit=10)
print(json.dumps([receipt, entry, entries, cursor, client.get("acme", "no/where")]))`,
    );
    const [entry] = await chain('acme');
    const { id, tenantId, seq, hash, recordedAt } = entry!;
    expect(read).toEqual([{ id, tenantId, seq, hash, recordedAt }, entry, [entry], null, null]);
    expect(entry).toMatchObject({ metadata: { n: 1, name: 'Zoë' }, before: null });
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it('records each once through a network that loses, cuts, repeats and refuses, in its order', async () => {
    const collector = await collecting();
    const faults: Fault[] = ['lost', 'cut', 'torn', 'twice', 'page', 429, 502];
    const { url } = await serve(faultyProxy(collector.url, () => faults.shift() ?? 'pass'));
    const results = await python(
      url,
      await collector.newKey(),
      `print(json.dumps([r["id"] for r in client.batch([{"action": "a.b", "id": str(i)} for i in range(2500)])]))`,
    );
    expect(faults).toEqual([]);
    const ids = Array.from({ length: 2500 }, (_, i) => String(i));
    expect(results).toEqual(ids);
    const { audit } = collector;
    expect(await audit.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact', size: 2500 });
    expect((await audit.list({ tenantId: 'acme', order: 'asc', limit: 1000 })).map(({ id }) => id)).toEqual(
      ids.slice(0, 1000),
    );
  });

  it('tells what is refused, and records the others', async () => {
    const { url, newKey, chain } = await collecting();
    const results = await python(
      url,
      await newKey(),
      `events = [{"action": "a.b", "id": "1"}, {"action": ""}, {"action": "a.b", "tenantId": "other"}, {"action": "a.b", "id": "2"}]
print(json.dumps([r.code if isinstance(r, AuditError) else r["id"] for r in client.batch(events)]))`,
    );
    expect(results).toEqual(['1', 'INVALID_EVENT', 'FORBIDDEN', '2']);
    expect((await chain('acme')).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it.each(vectors.answers.cases as AnswerCase[])(
    'answered $status goes on as the vectors say: $then',
    async (given) => {
      const seen: string[][] = [];
      const { url } = await serve(answering(given, seen));
      const code = `print(len(client.batch([{"action": "a.b", "tenantId": "acme", "id": i} for i in "12"])))`;
      expect(await python(url, 'k', code)).toBe(2);
      expect(seen).toEqual(REQUESTS[given.then]);
    },
  );
});
