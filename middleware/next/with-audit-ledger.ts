const NAME = 'express-audit-ledger';

/** What this package sets of Next's configuration. */
interface Externals {
  serverExternalPackages?: string[] | undefined;
}

type ConfigFunction = (...args: never[]) => object | Promise<object>;

/**
 * A configuration of Next, or what gives one, that leaves this package out of bundles: bundled, it is there once for routes,
 * once for actions and once for `instrumentation.ts`, and the page of the trail is missing.
 */
export function withAuditLedger<Config extends object = object>(config: Config = {} as Config): Config {
  if (typeof config === 'function') {
    const make = config as ConfigFunction;
    return ((...args: never[]) => later(make(...args))) as unknown as Config;
  }
  return later(config) as Config;
}

function later(config: object | Promise<object>): object {
  return config instanceof Promise ? config.then(external) : external(config);
}

function external(config: object & Externals): object & Externals {
  const packages = config.serverExternalPackages ?? [];
  if (packages.includes(NAME)) return config;
  return { ...config, serverExternalPackages: [...packages, NAME] };
}
