import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = 'AUDIT_TEST_TEMPLATE';

/** Has the stand-in keep what it makes at its first start, so that later servers of this run need not make it again. */
export function makeTemplate(): void {
  process.env[FOLDER] = mkdtempSync(join(tmpdir(), 'express-audit-ledger-template-'));
}

/** Removes what was kept. */
export function removeTemplate(): void {
  const folder = templateFolder();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** Where it is kept; `undefined` outside of Jest, where each server makes its own. */
export function templateFolder(): string | undefined {
  return process.env[FOLDER];
}
