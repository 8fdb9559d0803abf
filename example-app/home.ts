import type { RequestHandler } from 'express';
import { DEMO_PASSWORD } from './seed';
import { tour } from './tour';

/** What a browser shows; everything else gets the tour as text. */
const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta name="color-scheme" content="light dark" />
  <title>A small B2B application</title>
  <link rel="icon" href="data:," />
  <h1>A small B2B application</h1>
  <form method="post" action="sign-in">
    <label>Sign in as
      <select name="email">
        <option value="ada@acme.example">Ada, admin of Acme</option>
        <option value="alan@acme.example">Alan, member of Acme (who may not read the trail)</option>
        <option value="grace@globex.example">Grace, admin of Globex</option>
        <option value="sam@vendor.example">Sam, support of the vendor</option>
      </select>
    </label>
    <input type="hidden" name="password" value="${DEMO_PASSWORD}" />
    <button>Sign in and open the audit trail</button>
  </form>
  <p>Sam may read the trails of all tenants. Sign in as Sam first, which opens Acme's; then also: <a href="support/audit/globex/">Globex's</a>.</p>
</html>
`;

export const home: RequestHandler = (req, res) => {
  if (req.accepts(['text', 'html']) === 'html') res.type('html').send(PAGE);
  else res.type('text').send(tour(`${req.protocol}://${req.host}`));
};
