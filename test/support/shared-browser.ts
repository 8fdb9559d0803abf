import { type Browser, type BrowserServer, chromium } from 'playwright-core';
import { findChromium } from './chromium-binary';
import type { Log } from './progress';

const ENDPOINT = 'AUDIT_TEST_BROWSER';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names that are not known to be those of this machine: what comes from there is not a secure context.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

// Jest loads its set-up and its teardown as two modules of one process.
const holder = globalThis as { auditTestBrowser?: BrowserServer | undefined };

/**
 * Launches the browser that all test files of a run share, and tells their processes of it.
 * @throws {Error} that says what to do, if there is none to be had
 */
export async function startSharedBrowser(log: Log): Promise<void> {
  const executablePath = await findChromium(log);
  holder.auditTestBrowser = await chromium.launchServer({ executablePath, args: ARGUMENTS });
  process.env[ENDPOINT] = holder.auditTestBrowser.wsEndpoint();
}

/** Ends it, if there is one. */
export async function closeSharedBrowser(): Promise<void> {
  await holder.auditTestBrowser?.close();
  holder.auditTestBrowser = undefined;
}

/**
 * The browser that the run shares, with no pages but one's own.
 * @throws {Error} that says what to do, if the set-up could have none
 */
export async function connectToBrowser(): Promise<Browser> {
  const endpoint = process.env[ENDPOINT];
  if (endpoint) return chromium.connect(endpoint);
  const executablePath = await findChromium(console.error);
  return chromium.launch({ executablePath, args: ARGUMENTS });
}
