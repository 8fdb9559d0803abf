import express from 'express';
import * as fc from 'fast-check';
import { type Actor, auditMiddleware } from '../../../index';
import type { Audit } from '../../../lib/audit';
import type { Receipt } from '../../../lib/chain/entry';
import type { Identity } from '../../../middleware/http/identity';
import { hostileValues } from '../../support/hostile-values';
import { MemoryStore } from '../../../models/memory/memory-store';
import { serveLedger } from '../../support/served-ledger';

const RUNS = process.env['AUDIT_TEST_LONG'] ? 2_000 : 150;

/** What the application's own code gives in one request: no wire can carry all of it. */
interface Given {
  identity?: Identity;
  event?: object;
}

function build(audit: Audit, given: Given): express.Express {
  return express()
    .use(auditMiddleware({ audit, identify: () => given.identity }))
    .use(express.json({ strict: false, limit: '1mb' }))
    .post('/record', (req, res, next) => {
      req.audit({ action: 'a.b', ...given.event }).then((receipt) => res.json(receipt), next);
    })
    .post('/sign-in', (req, res, next) => {
      const { email: actor, id: resource, ...metadata } = req.body as Record<string, never>;
      const failed = { action: 'auth.sign_in', outcome: 'failure' } as const;
      req.audit({ ...failed, actor, resource, metadata }).then((receipt) => res.json(receipt), next);
    })
    .get('/denied/:id', (_req, res) => void res.sendStatus(403))
    .get('/report.csv', (_req, res) => void res.type('text/csv').send('a,b'));
}

/** Serves the application. `during` gives the status of a request and the actions that it left in the ledger. */
async function serveWith(given: Given) {
  const app = await serveLedger(new MemoryStore(), ({ audit }) => build(audit, given), {
    defaultTenant: 'default',
  });
  const receipts: Receipt[] = [];
  app.audit.on('recorded', (receipt) => receipts.push(receipt));
  return async (path: string, init: RequestInit = {}): Promise<[number, ...(string | undefined)[]]> => {
    app.advance(60_000); // no failure repeats another within a minute
    const { status } = await fetch(`${app.url}${path}`, init);
    await app.settled();
    await app.audit.flush();
    const entries = receipts.splice(0).map(({ tenantId, id }) => app.audit.get({ tenantId, id }));
    return [status, ...(await Promise.all(entries)).map((entry) => entry?.action)];
  };
}

/** Runs a check for any values. A failure names seed and path: fast-check cannot print such values. */
async function forAny<T>(values: fc.Arbitrary<T>, check: (value: T) => Promise<void>): Promise<void> {
  const property = fc.asyncProperty(values, check);
  const { failed, seed, counterexamplePath, errorInstance } = await fc.check(property, {
    numRuns: RUNS,
    endOnFailure: true,
  });
  if (failed)
    throw new Error(`seed ${seed}, path ${counterexamplePath}: ${String(errorInstance)}`, {
      cause: errorInstance,
    });
}

const long = fc
  .integer({ min: 250, max: 3_000 })
  .chain((length) =>
    fc
      .constantFrom('x', '\u{1F600}', '\0', '\ud800', 'Bearer abcdefghijkl ')
      .map((unit) => unit.repeat(length)),
  );
const anything = fc.oneof(hostileValues, long);

const parts = fc.record(
  { id: anything, _id: anything, type: anything, name: anything, onBehalfOf: anything, email: anything },
  { requiredKeys: [] },
);
const names = fc.oneof(anything, parts);

const identities = fc.record(
  { actor: names, tenantId: names },
  { requiredKeys: [] },
) as fc.Arbitrary<Identity>;
const events = fc.record(
  {
    actor: names,
    resource: names,
    metadata: anything,
    context: fc.oneof(anything, fc.record({ path: anything, statusCode: anything })),
  },
  { requiredKeys: [] },
);

/** Header values that a client can send. */
const latin = fc
  .integer({ min: 0x20, max: 0xff })
  .filter((unit) => unit !== 0x7f)
  .map((unit) => String.fromCharCode(unit));
const headers = fc.record({
  'user-agent': fc.string({ unit: latin, maxLength: 3_000 }),
  'x-request-id': fc.string({ unit: latin, maxLength: 2_000 }),
  traceparent: fc.string({ unit: latin }),
});

describe('whatever comes', () => {
  it('with the application’s own values, an event is recorded once', async () => {
    const given: Given = {};
    const during = await serveWith(given);
    await forAny(fc.tuple(identities, events), async ([identity, event]) => {
      Object.assign(given, { identity, event });
      expect(await during('/record', { method: 'POST' })).toEqual([200, 'a.b']);
    });
  });

  it('with an identity, a refused request and a download are recorded once each', async () => {
    const given: Given = {};
    const during = await serveWith(given);
    await forAny(fc.tuple(identities, parts), async ([identity, user]) => {
      given.identity = identity;
      expect(await during('/denied/7')).toEqual([403, 'auth.unauthorized_access']);
      given.identity = { ...identity, actor: { ...user, id: 'ada' } as Actor };
      expect(await during('/report.csv')).toEqual([200, 'data.export']);
    });
  });

  it('in headers and in a body, a failed sign-in is recorded once', async () => {
    const during = await serveWith({ identity: {} });
    const bodies = fc.record(
      { email: fc.jsonValue(), id: fc.jsonValue(), more: fc.jsonValue() },
      { requiredKeys: [] },
    );
    await forAny(fc.tuple(bodies, headers), async ([body, sent]) => {
      const init = {
        method: 'POST',
        headers: { ...sent, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      expect(await during('/sign-in', init)).toEqual([200, 'auth.sign_in']);
    });
  });
});
