import type { Page } from 'playwright-core';

/** What makes HTML, or a script, of a text. */
const SINKS = {
  html: `document.createElement('div').innerHTML = '<img src=x>'`,
  adjacent: `document.body.insertAdjacentHTML('beforeend', '<img src=x>')`,
  document: `document.write('<img src=x>')`,
  frame: `document.createElement('iframe').srcdoc = '<img src=x>'`,
  script: `document.createElement('script').text = 'window.pwned = 9'`,
  address: `document.createElement('script').src = 'viewer.js'`,
  parser: `new DOMParser().parseFromString('<img src=x>', 'text/html')`,
  policy: `trustedTypes.createPolicy('own', { createHTML: (text) => text })`,
};

/** The sinks that let a text through: none where the page's policy requires Trusted Types, and lets nobody make them. */
export async function openSinks(page: Page): Promise<string[]> {
  const open: string[] = [];
  for (const [name, code] of Object.entries(SINKS)) {
    const outcome = await page.evaluate(
      `(() => { try { ${code}; return 'open' } catch (e) { return e.name } })()`,
    );
    if (outcome !== 'TypeError') open.push(`${name}: ${String(outcome)}`);
  }
  return open;
}

/** What the browser says of each sink that was refused. */
export const REFUSED_SINK = /Trusted|trusted-types/;
