import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Conformance } from './suite';

const PROJECT = join(__dirname, '../..');
const APPS = join(__dirname, 'apps');

/** An application that is installed and built. */
export interface Installed extends Conformance {
  folder: string;
  /** The version of its framework, for the matrix. */
  title: string;
}

interface Manifest {
  title: string;
  scripts?: Record<string, string>;
  conformance: Conformance;
}

/** Packs this package. @returns the path of the tarball */
export function pack(folder: string): string {
  const name = npm(PROJECT, ['pack', '--silent', '--pack-destination', folder]).trim().split('\n').at(-1);
  return join(folder, name ?? '');
}

/** Copies an application, installs its packages and the tarball, and builds it if it has a build. */
export function install(name: string, tarball: string, into: string): Installed {
  const { title, scripts, conformance } = readManifest(join(APPS, name));
  const folder = join(into, name);
  mkdirSync(folder, { recursive: true });
  if (conformance.sources !== undefined) copy(join(APPS, conformance.sources), folder);
  copy(join(APPS, name), folder);
  // A folder that was kept may have an older tarball of the same version.
  rmSync(join(folder, 'node_modules/express-audit-ledger'), { recursive: true, force: true });
  npm(folder, ['install', '--silent', '--no-package-lock', '--no-save', tarball]);
  if (scripts?.['build'] !== undefined) npm(folder, ['run', 'build', '--silent']);
  return { ...conformance, folder, title };
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.includes('node_modules') });
}

function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) throw new Error(`There is no application ${folder}`);
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

function npm(cwd: string, args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
