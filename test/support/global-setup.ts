import { buildViewer } from '../../viewer/build';
import { compileSources } from './compiled';
import { makeTemplate } from './database-template';
import tearDown from './global-teardown';
import { Interrupted } from './installer';
import { startSharedBrowser } from './shared-browser';
import { startSharedDatabase } from './shared-database';

/** Makes ready what all test files of a run share. What takes long is begun at once, side by side. */
// Jest asks for a default export here.
export default async function setUp(): Promise<void> {
  compileSources(); // the database's stand-in is one of them
  makeTemplate();
  // The router serves the viewer.
  const all = await Promise.allSettled([buildViewer(), startSharedDatabase(), shareBrowser()]);
  const failed = all.find((result) => result.status === 'rejected');
  if (!failed) return;
  await tearDown(); // Jest calls it after a set-up alone that has succeeded
  throw failed.reason;
}

/** Where there is no browser to be had, the tests that need one say so. */
async function shareBrowser(): Promise<void> {
  try {
    await startSharedBrowser(console.error);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
  }
}
