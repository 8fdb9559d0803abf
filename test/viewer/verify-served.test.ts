import { text } from 'node:stream/consumers';
import express from 'express';
import { auditRouter } from '../../index';
import { expectComplaint, newPage } from '../support/chromium';
import { openSinks, REFUSED_SINK } from '../support/injection-sinks';
import { memoryLedger } from '../support/memory-ledger';
import { serve } from '../support/served';
import { check, openVerify } from '../support/verify-page';

const SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>';

describe('the page that checks evidence, from an application’s origin', () => {
  it('checks a hostile file there, too, and reaches neither the cookies nor the storage of the application', async () => {
    const { audit } = memoryLedger();
    await audit.event({ tenantId: 'acme', action: SCRIPT, actor: { id: SCRIPT, name: SCRIPT } });
    const evidence = await text(await audit.exportEvidence({ tenantId: 'acme', format: 'json' }));
    const app = express();
    app.set('env', 'test');
    app.use((_req, res, next) => {
      res.cookie('session', 'secret');
      next();
    });
    app.use('/audit', auditRouter({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    const { url } = await serve(app);
    const page = await newPage({ own: true });
    await page.goto(`${url}/audit/verify.html`);
    const [shown] = await check(page, [{ name: 'e.json', content: evidence }], { allow: true });
    expect(shown!.figures).not.toEqual({});
    const outcome = (code: string) =>
      page.evaluate(`(() => { try { ${code}; return 'reached' } catch (e) { return e.name } })()`);
    expect(await page.evaluate('[typeof window.pwned, self.origin]')).toEqual(['undefined', 'null']);
    expect(await outcome('document.cookie')).toBe('SecurityError');
    expect(await outcome('localStorage.length')).toBe('SecurityError');
    expectComplaint(REFUSED_SINK);
    expect(await openSinks(page)).toEqual([]);
  });
});

describe('the page that checks evidence, from the disk', () => {
  it('lets no text become HTML or a script either', async () => {
    const page = await openVerify({ own: true });
    expectComplaint(REFUSED_SINK);
    expect(await openSinks(page)).toEqual([]);
  });
});
