import express, { type RequestHandler } from 'express';
import { auditCoverage, auditMiddleware } from '../../index';
import { compareWithStandards } from '../../lib/catalogue/standards';
import { ACTIONS } from '../../example-app/ledger';
import { DEMO_PASSWORD } from '../../example-app/seed';
import { type Example, listen, startExample } from '../support/example';

let example: Example;
beforeAll(async () => {
  example = await startExample();
});

/** Calls all routes of the application that change something, as its own tests would. */
async function useAll(url: string): Promise<void> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    headers['cookie'] ??= /^sid=[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? '';
    await answer.text();
  };
  await call('POST', '/sign-in', { email: 'ada@acme.example', password: DEMO_PASSWORD });
  await call('POST', '/members/invitations', { email: 'new@acme.example', role: 'member' });
  await call('PATCH', '/members/alan', { role: 'admin' });
  await call('POST', '/api-keys', { name: 'ci' });
  await call('POST', '/contacts/import', [{ name: 'A', email: 'a@example.com' }]);
  await call('GET', '/contacts.csv');
  await call('POST', '/sign-out');
  await example.audit.flush();
}

it('every route of the application is accounted for', async () => {
  const coverage = auditCoverage(example.application);
  await useAll(await listen(example.application));
  coverage.stop();
  expect(coverage.report().totals).toEqual({ recorded: 7, exempt: 0, silent: 0, 'never called': 0 });
  expect(() => coverage.assertComplete()).not.toThrow();
});

it('a route that records nothing ends the suite', async () => {
  const shop = express();
  const identify = () => ({ actor: 'ann', tenantId: 'acme' });
  shop.use(auditMiddleware({ audit: example.audit, identify }));
  shop.delete('/contacts/:id', (_req, res) => void res.sendStatus(204)); // the deliberate mistake
  shop.use(example.application as RequestHandler);
  const coverage = auditCoverage(shop);
  const url = await listen(shop);
  await fetch(`${url}/contacts/7`, { method: 'DELETE' });
  coverage.stop();
  expect(() => coverage.assertComplete({ except: [/^(?!DELETE)/] })).toThrow(
    '1 of 8 routes record nothing: DELETE /contacts/:id (silent): record an event (audited, req.audit, auditChanges), or say exempt(reason).',
  );
});

it('its catalogue says what of the standards it does not record', () => {
  const missing = new Set(compareWithStandards(ACTIONS.definitions).flatMap((row) => row.missing));
  expect([...missing].sort()).toEqual([
    'account.remove',
    'admin.action',
    'auth.credential_change',
    'data.delete',
    'data.read',
    'settings.change',
  ]);
});
