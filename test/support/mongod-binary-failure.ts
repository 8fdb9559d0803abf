import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import resolveConfig, { ResolveConfigVariables } from 'mongodb-memory-server-core/lib/util/resolveConfig';
import { cacheDirectory } from './documentdb/installation';

/** A download of `mongod` that could not be had. */
export interface FailedDownload {
  /** When it was tried, and until when it is not tried again; in milliseconds. */
  at: number;
  until: number;
  reason: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What mongodb-memory-server asks for a proxy, beside its own settings. */
const PROXIES = ['https_proxy', 'http_proxy', 'npm_config_https-proxy', 'npm_config_proxy'];

/** Where a failed download is remembered: without this file it is tried again at once. */
export const failureFile = (): string => join(cacheDirectory(), 'mongod-download-failed.json');

/** The download that failed less than a day ago with the settings of now, if one did. */
export function recallFailure(now = Date.now()): FailedDownload | undefined {
  try {
    const { at, reason, settings } = JSON.parse(readFileSync(failureFile(), 'utf8')) as Remembered;
    const until = at + DAY_MS;
    return settings === currentSettings() && at <= now && now < until ? { at, until, reason } : undefined;
  } catch {
    return undefined; // none is remembered, or in a way that cannot be read
  }
}

/** Has `recallFailure` tell of a download that has just failed. */
export function rememberFailure(reason: string, at = Date.now()): void {
  const remembered: Remembered = { at, reason, settings: currentSettings() };
  const partial = `${failureFile()}.${process.pid}`;
  mkdirSync(cacheDirectory(), { recursive: true });
  try {
    writeFileSync(partial, JSON.stringify(remembered), { mode: 0o600 });
    renameSync(partial, failureFile());
  } finally {
    rmSync(partial, { force: true });
  }
}

interface Remembered {
  at: number;
  reason: string;
  settings: string;
}

/** What decides where the download comes from, as a hash: an address may hold a password. */
function currentSettings(): string {
  const own = Object.values(ResolveConfigVariables).map((name) => resolveConfig(name) ?? null);
  const proxies = PROXIES.flatMap((name) => [
    process.env[name] ?? null,
    process.env[name.toUpperCase()] ?? null,
  ]);
  const settings = [own, proxies, process.platform, process.arch];
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}
