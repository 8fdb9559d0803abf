import { closeSharedDatabase } from './shared-database';

// Jest asks for a default export here.
export default closeSharedDatabase;
