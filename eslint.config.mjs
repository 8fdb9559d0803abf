import tseslint from 'typescript-eslint';

// docs/architecture.md: lib <- models, lib <- middleware, index.ts above both, lib <- models <- bin, and one way through the rooms of lib.
// A room may import the rooms before it. The patterns count every `../`, so they hold at each depth.
const ROOMS = [
  'util',
  'coverage',
  'catalogue',
  'crypto',
  'chain',
  'event',
  'tree',
  'notes',
  'store',
  'keys',
  'checkpoints',
  'read',
  'write',
  'verify',
  'evidence',
  'client',
  'streams',
];
/** Rooms that need not know each other, although one stands before the other. */
const APART = {
  catalogue: ['coverage'],
  tree: ['chain', 'event'],
  notes: ['chain', 'event'],
  write: ['read', 'checkpoints'],
  verify: ['read', 'write'],
  streams: ['checkpoints', 'verify'],
};
/** Rooms that run in a browser, but for their files called node.ts. */
const ANYWHERE = ['util', 'crypto', 'chain', 'event', 'tree', 'notes', 'evidence/check', 'client'];
const outsideLib = [
  { regex: '^(\\.\\./)+(models|middleware|index|bin)(/|\\.|$)', message: 'lib imports nothing above it.' },
  { regex: '^(express|mongoose|mongodb|bson)(/|$)', message: 'lib knows neither Express nor Mongoose.' },
];
const noNode = [
  {
    regex: '^node:',
    message: 'This runs in browsers too: pass it in, or put it into a file called node.ts.',
  },
  {
    regex: '/(tree-)?node(-hash)?$',
    message: 'This runs in browsers too: take what it needs as a parameter.',
  },
];
const roomRule = (room, index) => {
  const others = [...ROOMS.slice(index + 1), ...(APART[room] ?? []), 'audit', 'ledger', 'options'];
  const patterns = [
    ...others.map((name) => ({
      regex: `^(\\.\\./)+${name}(/|$)`,
      message: `lib/${room} must not import lib/${name}.`,
    })),
    ...outsideLib,
  ];
  const runsAnywhere = ANYWHERE.filter((folder) => folder.split('/')[0] === room);
  return [
    { files: [`lib/${room}/**/*.ts`], rules: restrict(patterns) },
    ...runsAnywhere.map((folder) => ({
      files: [`lib/${folder}/**/*.ts`],
      ignores: [`lib/${folder}/node.ts`],
      rules: restrict([...patterns, ...noNode]),
    })),
  ];
};
/** Folders of middleware, and which of the others each stands on; a framework's stands on no other framework's. */
const SEAM = { http: [], node: ['http'], fetch: ['http'] };
const FRAMEWORKS = {
  express: ['express'],
  fastify: ['fastify'],
  koa: ['koa'],
  next: ['next'],
  hono: ['hono'],
  nest: ['@nestjs/common', '@nestjs/core', 'express', 'fastify'],
};
/** Nest runs on these. */
const PLATFORMS = { nest: ['express', 'fastify'] };
const middlewareRule = ([folder, below, own]) => {
  const others = Object.keys({ ...SEAM, ...FRAMEWORKS }).filter(
    (name) => name !== folder && !below.includes(name),
  );
  const patterns = [
    { regex: '^mongoose(/|$)', message: 'middleware knows no Mongoose.' },
    {
      regex: `^(\\.\\./)+(${others.join('|')})(/|$)`,
      message: `middleware/${folder} stands on ${below.join(', ') || 'lib'} alone.`,
    },
    {
      regex: `^(${Object.values(FRAMEWORKS)
        .flat()
        .filter((name) => !own.includes(name))
        .join('|')})(/|$)`,
      message: 'Each binding calls its own framework alone.',
    },
  ];
  const given = {
    regex: '^(\\.\\./)+(models|index|bin)(/|\\.|$)',
    message: 'middleware is given its ledger.',
  };
  // The public face of a binding is where the shared ledger is put in.
  const face = {
    regex: '^(\\.\\./)+(index|bin|models/(?!(create-audit|one-audit)$).*)(/|\\.|$)',
    message: given.message,
  };
  return [
    { files: [`middleware/${folder}/**/*.ts`], rules: restrict([...patterns, given]) },
    ...(folder in FRAMEWORKS
      ? [{ files: [`middleware/${folder}/index.ts`], rules: restrict([...patterns, face]) }]
      : []),
  ];
};
const MIDDLEWARE = [
  ...Object.entries(SEAM).map(([folder, below]) => [folder, below, []]),
  ...Object.entries(FRAMEWORKS).map(([folder, own]) => [
    folder,
    [...Object.keys(SEAM), ...(PLATFORMS[folder] ?? [])],
    own,
  ]),
];
const DATABASE_COMMANDS = [
  'ledger',
  'stored-name',
  'verify-chain',
  'export',
  'checkpoint',
  'reopen',
  'doctor',
  'diagnosis',
  'keep-open',
  'keys',
  'serve',
  'stream',
  'compare',
  'actions',
  'reconcile',
].map((name) => `bin/${name}.ts`);
const restrict = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  {
    ignores: [
      'dist',
      'coverage',
      'node_modules',
      'test/consumers/*/',
      'test/frameworks/apps',
      'test/frameworks/next/app',
      'example-app/*/app',
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({
    ...config,
    files: ['**/*.ts', '**/*.tsx', '**/*.mts'],
  })),
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // Overflows the stack on Mongoose's recursive types.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  { files: ['lib/**/*.ts'], rules: restrict(outsideLib) },
  ...ROOMS.flatMap(roomRule),
  {
    files: ['models/**/*.ts'],
    rules: restrict([
      { regex: '^(\\.\\./)+(middleware|index|bin)(/|\\.|$)', message: 'models imports lib alone.' },
      { regex: '^express(/|$)', message: 'models knows no Express.' },
    ]),
  },
  ...MIDDLEWARE.flatMap(middlewareRule),
  {
    files: ['bin/**/*.ts'],
    ignores: ['bin/serve.ts', 'bin/metrics.ts'],
    rules: restrict([
      {
        regex: '^(\\.\\./)+(middleware|index)(/|\\.|$)',
        message: 'bin imports lib and models: it knows no Express.',
      },
      {
        regex: '^(express|mongodb|bson)(/|$)',
        message: 'bin knows no Express, and the database through models.',
      },
    ]),
  },
  {
    files: ['bin/serve.ts', 'bin/metrics.ts'],
    rules: restrict([
      {
        regex: '^(\\.\\./)+(middleware/(?!(http|node)/)|index)',
        message: 'a process of its own needs no framework.',
      },
      { regex: '^(express|mongodb|bson)(/|$)', message: 'a process of its own needs no framework.' },
    ]),
  },
  {
    // An audit that checks evidence has no database: what speaks to one is loaded by the commands that need it.
    files: ['bin/**/*.ts'],
    ignores: [...DATABASE_COMMANDS, 'bin/metrics.ts'],
    rules: restrict([
      {
        regex: '^(\\.\\./)+(middleware|index|models/(?!(indexes|collections)$).*)(/|\\.|$)',
        message: 'this runs without a database.',
      },
      { regex: '^\\./(ledger|stored-name)$', message: 'this runs without a database.' },
      { regex: '^(express|mongoose|mongodb|bson)(/|$)', message: 'this runs without a database.' },
    ]),
  },
  {
    files: ['viewer/**/*.ts', 'viewer/**/*.tsx'],
    ignores: ['viewer/build.ts', 'viewer/files.ts'],
    rules: restrict([
      {
        regex: '^(\\.\\./)+(models|middleware|index|bin)(/|\\.|$)',
        message: 'viewer shares code with lib alone.',
      },
      { regex: '^node:', message: 'a browser has none of this.' },
    ]),
  },
  // A language is one file, for whoever translates it.
  { files: ['viewer/texts/*.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['index.ts', 'collector.ts'],
    rules: restrict([{ regex: '^\\./bin(/|$)', message: 'nothing imports bin.' }]),
  },
  {
    files: ['testing.ts'],
    rules: restrict([
      {
        regex: '^(\\./(bin|index|middleware)(/|$)|(express|mongoose|mongodb|bson)(/|$))',
        message: 'a ledger in memory needs neither Express nor Mongoose.',
      },
    ]),
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Jest's asymmetric matchers and raw documents are of type any.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
);
