import { strict as assert } from 'node:assert';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { verifyEvidence } from '../../../index';
import type { Entry } from '../../../lib/chain/entry';

type Check = (entries: Entry[]) => void;

/** Who visits the application, told from others by the user agent. */
export class Visitor {
  constructor(
    private readonly url: string,
    readonly name: string,
  ) {}

  get(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = { 'user-agent': this.name, cookie: 'user=ada', ...init.headers };
    return fetch(this.url + path, { redirect: 'manual', ...init, headers });
  }

  /** Sends the form of a page, as a browser without JavaScript does. */
  async act(what: string, path = '/act'): Promise<Response> {
    const page = await (await this.get(path, { headers: { 'user-agent': 'reads the form' } })).text();
    const form = new FormData();
    for (const [, name = '', value = ''] of page.matchAll(
      /type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g,
    ))
      form.append(name, value);
    form.append('what', what);
    return this.get(path, { method: 'POST', body: form });
  }
}

const actionsOf = (entries: Entry[]) => entries.map(({ action }) => action);

/** An action that is refused by what Next has for that. */
const refusal = (what: string, statusCode: number) => async (visitor: Visitor) => {
  await visitor.act(what);
  return (entries: Entry[]) => {
    assert.deepEqual(actionsOf(entries), ['auth.unauthorized_access']);
    const [{ actor, tenantId, outcome, context } = {} as Entry] = entries;
    assert.deepEqual([actor, tenantId, outcome], ['ada', 'acme', 'denied']);
    assert.deepEqual([context?.['statusCode'], context?.['method']], [statusCode, 'POST']);
  };
};

/** What Next does that other frameworks do not. */
export const BEHAVIOUR: Record<string, (visitor: Visitor, project: string) => Promise<Check>> = {
  'an action': async (visitor) => {
    assert.equal((await visitor.act('fine')).status, 200);
    return (entries) => {
      const [{ action, actor, tenantId, metadata, context } = {} as Entry, ...others] = entries;
      assert.deepEqual([action, actor, tenantId, others.length], ['action.called', 'ada', 'acme', 0]);
      assert.deepEqual(metadata, { what: 'fine' });
      assert.deepEqual(
        [context?.['method'], context?.['path'], context?.['ipAddress']],
        ['POST', undefined, undefined],
      );
    };
  },
  'an action that is not signed in for': refusal('unauthorized', 401),
  'an action that is forbidden': refusal('forbidden', 403),
  'an action that redirects': async (visitor) => {
    const { status, headers } = await visitor.act('redirect');
    assert.equal(status, 303);
    assert.match(String(headers.get('location')), /\/list$/);
    return (entries) => assert.deepEqual(entries, []);
  },
  'an action that finds nothing': async (visitor) => {
    assert.equal((await visitor.act('missing')).status, 404);
    return (entries) => assert.deepEqual(entries, []);
  },
  'an action that fails': async (visitor) => {
    assert.equal((await visitor.act('boom')).status, 500);
    return (entries) => assert.deepEqual(entries, []);
  },
  'an action that calls another': async (visitor) => {
    await visitor.act('inner');
    return (entries) => assert.deepEqual(actionsOf(entries), ['inner.called']);
  },
  'after an action': async (visitor) => {
    await visitor.act('after');
    return (entries) => {
      assert.deepEqual(actionsOf(entries).sort(), ['action.after', 'action.called']);
      assert.deepEqual(new Set(entries.map(({ actor }) => actor)), new Set(['ada']));
    };
  },
  'an event that is not awaited': async (visitor) => {
    await visitor.act('unawaited');
    return (entries) => assert.deepEqual(actionsOf(entries), ['action.unawaited']);
  },
  'after a handler': async (visitor) => {
    await visitor.get('/after');
    return (entries) => {
      const [{ action, actor, tenantId, context } = {} as Entry] = entries;
      assert.deepEqual([action, actor, tenantId, context?.['route']], ['after.ran', 'ada', 'acme', '/after']);
    };
  },
  'parameters that are equal, encoded and many': async (visitor) => {
    assert.equal((await visitor.get('/event/event/a%20b/event?x=1')).status, 200);
    return (entries) => {
      const [{ context } = {} as Entry] = entries;
      assert.equal(context?.['route'], '/event/[team]/[...rest]');
      assert.equal(context['path'], '/event/event/a%20b/event');
    };
  },
  'a parameter that is like a word of its route': async (visitor) => {
    assert.equal((await visitor.get('/members/report/report')).status, 200);
    return (entries) => assert.equal(entries[0]?.context?.['route'], '/members/[id]/report');
  },
  'what guides write: an event, a batch, a list and an export to a file': async (visitor, project) => {
    for (const what of ['invite', 'import', 'export'])
      assert.equal((await visitor.act(what, `/guide?what=${what}`)).status, 200);
    const report = await verifyEvidence(createReadStream(join(project, 'evidence.csv')));
    assert.deepEqual([report.verdict, report.tenantId, report.isComplete], ['intact', 'acme', true]);
    return (entries) => {
      assert.deepEqual(
        entries.map(({ action, actor, resource }) => [action, actor, resource]),
        [
          ['org.member.invite', 'ada', 'invite_1'],
          ['contact.import', 'ada', 'contact_1'],
          ['contact.import', 'ada', 'contact_2'],
          ['audit.export', 'ada', undefined],
          ['contact.listed', 'ada', undefined],
        ],
      );
      assert.deepEqual(entries.at(-1)?.metadata, { ids: ['contact_2'] });
    };
  },
  'a forged address': async (visitor) => {
    await visitor.get('/event/a/b', { headers: { 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6' } });
    return (entries) => assert.equal(entries[0]?.context?.['ipAddress'], undefined);
  },
  'cookies of a response': async (visitor) => {
    const response = await visitor.get('/odd');
    assert.deepEqual(await response.json(), { pathname: '/odd' });
    assert.equal(response.headers.getSetCookie().length, 2);
    return (entries) => assert.deepEqual(entries, []);
  },
  'a whole stream': async (visitor) => {
    assert.equal((await (await visitor.get('/stream.csv')).arrayBuffer()).byteLength, 500_000);
    return (entries) => {
      assert.deepEqual(actionsOf(entries), ['data.export']);
      assert.deepEqual(entries[0]?.metadata, { method: 'GET', responseSize: 500_000 });
    };
  },
  'a stream whose client leaves': async (visitor) => {
    const abort = new AbortController();
    const response = await visitor.get('/stream.csv', { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    return (entries) => {
      const { completed, responseSize } = entries[0]?.metadata as {
        completed: boolean;
        responseSize: number;
      };
      assert.deepEqual([entries.length, completed], [1, false]);
      assert.ok(responseSize > 0 && responseSize < 500_000);
    };
  },
  'a proxy that refuses': async (visitor) => {
    assert.equal((await visitor.get('/kept-out')).status, 403);
    return (entries) => {
      assert.deepEqual(actionsOf(entries), ['auth.unauthorized_access']);
      assert.equal(entries[0]?.actor, 'ada');
    };
  },
  'a proxy that lets pass': async (visitor) => {
    assert.deepEqual(await (await visitor.get('/passed')).json(), { passed: true });
    return (entries) => assert.deepEqual(actionsOf(entries), ['proxy.passed']);
  },
  'a server component that lists': async (visitor) => {
    assert.match(await (await visitor.get('/list')).text(), /entries: (<!-- -->)?\d+/);
    return (entries) => assert.deepEqual(entries, []);
  },
  'what a build has rendered': async (visitor) => {
    assert.match(await (await visitor.get('/static')).text(), /CLOSED/);
    return (entries) => assert.deepEqual(entries, []);
  },
  'a live stream that ends with the server': async (visitor) => {
    const response = await visitor.get('/audit/stream');
    assert.equal(response.status, 200);
    void response.body?.pipeTo(new WritableStream()).catch(() => undefined);
    return () => undefined; // or else the server would not end
  },
};
