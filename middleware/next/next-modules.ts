/* eslint-disable @typescript-eslint/no-require-imports -- an `import` would load Next at once, in builds and tests too */
import { attempt } from '../../lib/util/attempt';

/** What is asked of Next itself, which is there when a request is. Its types are not needed to use this package. */

interface Work {
  workAsyncStorage: { getStore(): { route?: unknown } | undefined };
}

interface AfterTask {
  afterTaskAsyncStorage: { getStore(): unknown };
}

/** The headers of the request that is being answered; null outside of one. */
export async function requestHeaders(): Promise<Headers | null> {
  try {
    const { headers } = require('next/headers') as { headers: () => Promise<Headers> };
    return new Headers(await headers());
  } catch {
    return null;
  }
}

/** Runs a task after the answer, and keeps the process for it: Next's `after`. Outside of a request nothing is done. */
export function runAfter(task: () => Promise<void>): void {
  attempt(() => (require('next/server') as { after(task: () => Promise<void>): void }).after(task));
}

/**
 * Whether the caller runs in a function that was given to `after`. Next has no public name for it; a version without this
 * one only asks such functions to name their tenant.
 */
export function isInAfter(): boolean {
  return attempt(afterStore) !== undefined;
}

function afterStore(): unknown {
  const { afterTaskAsyncStorage } =
    require('next/dist/server/app-render/after-task-async-storage.external') as AfterTask;
  return afterTaskAsyncStorage.getStore();
}

/**
 * The pattern of the route that is being answered, without a base path. Next has no public name for it; where a version has
 * not this one, it is guessed from the parameters.
 */
export function matchedRoute(): string | undefined {
  const route = attempt(() => workStore()?.route);
  return typeof route === 'string' ? route : undefined;
}

function workStore(): ReturnType<Work['workAsyncStorage']['getStore']> {
  const { workAsyncStorage } = require('next/dist/server/app-render/work-async-storage.external') as Work;
  return workAsyncStorage.getStore();
}

/** Whether `next build` runs, which loads an application's modules to look at them, and renders some of its pages. */
export function isBuilding(): boolean {
  return process.env['NEXT_PHASE'] === 'phase-production-build';
}

/** Whether `next dev` runs, which evaluates modules again when they are edited. */
export function isDeveloping(): boolean {
  return process.env['NODE_ENV'] === 'development';
}
