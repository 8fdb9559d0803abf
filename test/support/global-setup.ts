import { buildViewer } from '../../viewer/build';
import { findChromium } from './chromium-binary';
import { compileSources } from './compiled';
import { makeTemplate } from './database-template';
import { startSharedDatabase } from './shared-database';

// Jest asks for a default export here.
export default async function setUp(): Promise<void> {
  compileSources();
  makeTemplate();
  await buildViewer(); // the router serves it
  await startSharedDatabase();
  // Not by the first test that needs it: another would find it half installed. Where it cannot be had, those tests say so.
  await findChromium(console.error).catch(() => undefined);
}
