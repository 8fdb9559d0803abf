import asyncHooks, { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';
import { sharingScripts } from './shared-scripts';

const storages = new Set<AsyncLocalStorage<unknown>>();

// Once in each process of Jest: what follows holds for all test files that it runs.
vm.compileFunction = sharingScripts(vm.compileFunction);
if (Number.parseInt(process.versions.node, 10) < 24) {
  // Each storage that was ever used is asked at each promise and callback, until it is told not to.
  class Storage<T> extends AsyncLocalStorage<T> {
    constructor(...options: []) {
      super(...options);
      storages.add(this);
    }
  }
  // Node.js 22 has a getter there.
  Object.defineProperty(asyncHooks, 'AsyncLocalStorage', { value: Storage, configurable: true });
  // Each file begins with functions that have never run. To optimize one after its first thousands of steps, as V8 does for
  // a server, is more work than nearly all of them have left.
  setFlagsFromString('--interrupt-budget=600000');
}

/** Jest's environment of Node.js, with less work for the processes that run many test files. */
export default class Environment extends TestEnvironment {
  override async teardown(): Promise<void> {
    for (const storage of storages) storage.disable();
    storages.clear();
    await super.teardown();
  }
}
