import { auditMiddleware, auditRoutes } from 'express-audit-ledger/koa';
import Koa from 'koa';
import { createTestAudit } from '../../../testing';

const audit = createTestAudit();
afterAll(() => audit.close());

describe('the options of the binding of Koa', () => {
  it('are named with the function that was given them, all that are wrong at once', () => {
    const options = { audit, identify: 'me', captures: {} } as object;
    expect(() => auditMiddleware(options)).toThrow(/^auditMiddleware .*`captures`.*`identify`/s);
    expect(() => auditRoutes(options)).toThrow(/^auditRoutes .*`captures`.*`identify`/s);
  });

  it.each(['audit', '/', '/audit/', 7])('have no prefix %p', (prefix) => {
    expect(() => auditRoutes({ audit, prefix: prefix as string })).toThrow(/`prefix` must be a path such as/);
  });

  it('are no context: the functions are to be called', () => {
    const context = new Koa().createContext({ headers: {} } as never, {} as never);
    for (const mount of [auditMiddleware, auditRoutes])
      expect(() => mount(context as object)).toThrow(/is to be called when it is mounted/);
  });
});
