import { buildViewer } from '../../viewer/build';
import { compileSources } from './compiled';
import { makeTemplate } from './database-template';
import { startSharedDatabase } from './shared-database';

// Jest asks for a default export here.
export default async function setUp(): Promise<void> {
  compileSources();
  makeTemplate();
  await buildViewer(); // the router serves it
  await startSharedDatabase();
}
