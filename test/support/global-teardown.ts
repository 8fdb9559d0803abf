import { removeCompiled } from './compiled';
import { removeTemplate } from './database-template';
import { closeSharedBrowser } from './shared-browser';
import { closeSharedDatabase } from './shared-database';

// Jest asks for a default export here.
export default async function tearDown(): Promise<void> {
  await closeSharedBrowser();
  await closeSharedDatabase();
  removeTemplate();
  removeCompiled();
}
