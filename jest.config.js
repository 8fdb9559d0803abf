const transform = {
  '\\.m?[jt]s$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
  ],
};

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  transform,
  // Packages that are ES modules alone.
  transformIgnorePatterns: ['/node_modules/(?!(@noble|preact|@apidevtools)/)'],
  moduleNameMapper: {
    '^express-audit-ledger$': '<rootDir>/index.ts',
    '^express-audit-ledger/client$': '<rootDir>/client.ts',
    '^express-audit-ledger/client/spool$': '<rootDir>/client-spool.ts',
    '^express-audit-ledger/(testing|streams)$': '<rootDir>/$1.ts',
    '^express-audit-ledger/(fastify|koa|hono|next)$': '<rootDir>/middleware/$1/index.ts',
    '^express-audit-ledger/collector$': '<rootDir>/collector.ts',
  },
  testEnvironment: '<rootDir>/test/support/environment.ts',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // What ends a hang, and decides nothing: a slow machine takes its time.
  testTimeout: 600_000,
  // More than processors: each waits for the database, for browsers and for other processes a good part of its time.
  maxWorkers: 4,
  coverageProvider: 'babel',
  // lib/event/event.ts holds types alone.
  collectCoverageFrom: [
    'lib/**/*.ts',
    '!lib/event/event.ts',
    'models/**/*.ts',
    'middleware/**/*.ts',
    'index.ts',
    'testing.ts',
    'client.ts',
    'client-spool.ts',
    'collector.ts',
  ],
  coverageReporters: ['text-summary', 'text', 'json-summary'],
  coverageThreshold: { './lib/': { statements: 95, branches: 94 } },
};
