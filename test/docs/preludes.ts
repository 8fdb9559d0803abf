const LEDGER = "import('express-audit-ledger')";
const ROUTE = "import('express').RequestHandler";
const COPY = '(note: string) => Promise<void>';

/** What each name means that the text around a block introduces, as a type. */
export const NAMES = {
  // the package, and what an application has anyway
  auditMiddleware: `typeof ${LEDGER}.auditMiddleware`,
  auditRouter: `typeof ${LEDGER}.auditRouter`,
  createAudit: `typeof ${LEDGER}.createAudit`,
  verifyEvidence: `typeof ${LEDGER}.verifyEvidence`,
  express: "typeof import('express')",
  mongoose: "typeof import('mongoose').default",
  createReadStream: "typeof import('node:fs').createReadStream",
  appendFile: "typeof import('node:fs/promises').appendFile",
  readFile: "typeof import('node:fs/promises').readFile",
  writeFile: "typeof import('node:fs/promises').writeFile",
  app: "import('express').Express",
  server: "import('node:http').Server",
  connection: "import('mongoose').Connection",
  logger: '{ error(details: object, message: string): void }',
  // the application's own
  authenticate: ROUTE,
  requireAuth: ROUTE,
  requireOperator: ROUTE,
  requireToken: ROUTE,
  Contact: "import('mongoose').Model<{ name: string }>",
  Invite: "import('mongoose').Model<{ email: string; tenantId: string }>",
  Organisation: "import('mongoose').Model<{ _id: string }>",
  createApp: `(audit: ${LEDGER}.Audit) => import('express').Express`,
  alarm: '(report: object) => Promise<void>',
  toBucket: COPY,
  toWitness: COPY,
  onCheckpoint: COPY,
  identify: `${LEDGER}.Identify`,
  capture: `${LEDGER}.CaptureOptions`,
  authorize: `NonNullable<${LEDGER}.AuditRouterOptions['authorize']>`,
  tenant: `NonNullable<${LEDGER}.AuditRouterOptions['tenant']>`,
  // values at hand
  audit: `${LEDGER}.Audit`,
  req: "import('express').Request",
  actions: `${LEDGER}.ActionList<'org.member.invite'>`,
  event: `${LEDGER}.AuditEvent`,
  invite: '{ id: string }',
  role: 'string',
  email: 'string',
  tenantId: 'string',
  rows: '{ id: string }[]',
  ledger: 'string',
  signingKey: "import('node:crypto').KeyObject",
  verifierKey: 'string',
  oldVerifierKey: 'string',
  keys: 'string[]',
  file: 'string',
  // streams
  hecToken: '() => Promise<string>',
  received: '() => Promise<{ tenantId: string; seq: number }[]>',
  SiemSettings: "import('mongoose').Model<{ tenantId: string; url: string; secret: string }>",
  jsonl: "typeof import('express-audit-ledger/streams').jsonl",
  webhook: "typeof import('express-audit-ledger/streams').webhook",
};

/** A name that a block may use without declaring it. */
export type Name = keyof typeof NAMES;

/** The names that each page introduces outside of its blocks. */
export const PRELUDES: Record<string, Name[]> = {
  'docs/frameworks/express.md': ['authenticate', 'requireAuth'],
  'README.md': [
    'app',
    'auditMiddleware',
    'auditRouter',
    'authenticate',
    'authorize',
    'connection',
    'createAudit',
    'identify',
    'Invite',
    'invite',
    'req',
    'requireAuth',
    'role',
    'signingKey',
    'tenantId',
  ],
  'docs/quick-start.md': [
    'app',
    'audit',
    'auditMiddleware',
    'auditRouter',
    'authorize',
    'capture',
    'connection',
    'createAudit',
    'identify',
    'requireAuth',
  ],
  'docs/collector.md': ['app', 'audit'],
  'docs/guides/customers.md': [
    'app',
    'audit',
    'auditRouter',
    'Organisation',
    'requireAuth',
    'requireOperator',
  ],
  'docs/guides/ending-a-process.md': ['audit', 'mongoose', 'server', 'tenantId'],
  'docs/guides/exports.md': ['audit', 'tenantId', 'verifierKey', 'writeFile'],
  'docs/guides/fail-closed-or-fail-open.md': ['app', 'event', 'req'],
  'docs/complete.md': ['actions', 'app'],
  'docs/reconcile.md': ['audit', 'Contact'],
  'docs/client.md': ['tenantId', 'verifierKey'],
  'docs/guides/spool.md': ['createAudit'],
  'docs/guides/testing.md': ['createApp'],
  'docs/guides/transactions.md': ['audit', 'connection', 'email', 'Invite', 'rows', 'tenantId'],
  'docs/reference/audit.md': ['app', 'audit', 'logger', 'rows', 'tenantId'],
  'docs/reference/events.md': ['audit', 'email', 'tenantId'],
  'docs/reference/middleware.md': ['app', 'audit', 'auditMiddleware', 'capture', 'identify'],
  'docs/reference/options.md': ['connection', 'createAudit', 'tenantId'],
  'docs/redaction.md': ['connection', 'createAudit'],
  'docs/servers.md': ['app', 'auditRouter', 'connection', 'createAudit'],
  'docs/siem.md': [
    'audit',
    'connection',
    'createAudit',
    'hecToken',
    'jsonl',
    'received',
    'SiemSettings',
    'webhook',
  ],
  'docs/reference/router.md': [
    'app',
    'audit',
    'auditRouter',
    'authorize',
    'identify',
    'requireAuth',
    'tenant',
  ],
  'docs/reference/verification.md': ['audit', 'tenantId'],
  'docs/recipes/redirects.md': ['app', 'audit', 'auditMiddleware'],
  'docs/recipes/jobs.md': ['audit'],
  'docs/recipes/graphql-trpc.md': ['audit'],
  'docs/recipes/impersonation.md': ['audit', 'tenantId'],
  'docs/recipes/soft-deletes.md': ['audit', 'tenantId'],
  'docs/recipes/bulk-import.md': ['audit', 'connection', 'rows', 'tenantId'],
  'docs/recipes/existing-log.md': ['audit', 'tenantId'],
  'docs/recipes/metrics-and-alerts.md': ['audit', 'logger'],
  'docs/recipes/least-privilege.md': ['audit', 'logger'],
  'docs/recipes/containers-and-serverless.md': ['audit', 'logger'],
  'docs/recipes/compliance.md': ['audit', 'tenantId'],
  'docs/recipes/verify-says-broken.md': ['audit', 'tenantId', 'writeFile'],
  'docs/checkpoints.md': [
    'alarm',
    'app',
    'appendFile',
    'audit',
    'connection',
    'createAudit',
    'createReadStream',
    'express',
    'file',
    'keys',
    'ledger',
    'oldVerifierKey',
    'onCheckpoint',
    'readFile',
    'requireToken',
    'signingKey',
    'tenantId',
    'toBucket',
    'toWitness',
    'verifyEvidence',
  ],
};

/** What all pages have: the user that authentication leaves, and packages of recipes, which are not installed here. */
export const GLOBALS = `
declare global {
  namespace Express {
    interface User { id: string; tenantId: string; role?: string }
    interface Request { user: User }
  }
}
export {};
`;

export const AMBIENT = `
declare module '@aws-sdk/client-s3' {
  export class S3Client {
    constructor(options: { region: string });
    send(command: PutObjectCommand, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
  }
  export class PutObjectCommand {
    constructor(input: Record<string, string | Date>);
  }
}
declare module 'vitest' {
  export function beforeEach(run: () => unknown): void;
  export function afterEach(run: () => unknown): void;
  export function it(name: string, run: () => Promise<void>): void;
  export function expect(value: unknown): { toMatchObject(expected: unknown): void };
  export const vi: { useFakeTimers(options: { now: Date }): void; useRealTimers(): void };
}
declare module 'passport' {
  type Answered = (error: unknown, user: Express.User | false, info?: { tenantId?: string }) => void;
  const passport: { authenticate(name: string, answered: Answered): import('express').RequestHandler };
  export default passport;
}
declare namespace Express {
  interface Request {
    login(user: User, done: (error: unknown) => void): void;
  }
}
declare module 'nodemailer' {
  interface Mail { from: string; to: string; subject: string; text: string; attachments: object[] }
  const nodemailer: { createTransport(options: object): { sendMail(mail: Mail): Promise<unknown> } };
  export default nodemailer;
}
`;
