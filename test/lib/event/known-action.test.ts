import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../../..');

const NAME = join(ROOT, 'application.ts');

const options: ts.CompilerOptions = {
  ...{ strict: true, noEmit: true, skipLibCheck: true, esModuleInterop: true, types: ['node'] },
  ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.Node16 },
  moduleResolution: ts.ModuleResolutionKind.Node16,
};

/** What was compiled last: its other files need not be read again. */
let program: ts.Program | undefined;

/** What is wrong with a module of an application, beside the package. */
function errorsIn(code: string): string[] {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.fileExists = (file) => file === NAME || ts.sys.fileExists(file);
  host.getSourceFile = (file, ...more) =>
    file === NAME
      ? ts.createSourceFile(file, code, ts.ScriptTarget.ES2023)
      : (program?.getSourceFile(file) ?? read(file, ...more));
  program = ts.createProgram([NAME], options, host, program);
  return program
    .getSemanticDiagnostics(program.getSourceFile(NAME))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

const APPLICATION = `
  import type { Request } from 'express';
  import { auditMiddleware } from './index';
  auditMiddleware();
  export const handler = (req: Request) => req.audit({ action: 'org.member.invte' });
`;

const ROUTES = `
  import { audited } from './index';
  import { audited as ofKoa } from './middleware/koa';
  import { audited as ofFastify } from './middleware/fastify';
  import { audited as ofHono } from './middleware/hono';
  import { Audited } from './middleware/nest';
  export const all = [audited, ofKoa, ofFastify, ofHono, Audited].map((one) => one('org.member.invte'));
`;

describe('the actions of req.audit(), and of routes', () => {
  it('of routes are the same in all frameworks', () => {
    const declared = `declare global { namespace AuditLedger { interface Types { action: 'org.member.invite' } } }`;
    expect(errorsIn(ROUTES + declared)).toEqual([expect.stringContaining('"org.member.invte"')]);
  });

  it('are any where an application declares none, and else those that it declares', () => {
    expect(errorsIn(APPLICATION)).toEqual([]);
    const declared = `declare global { namespace AuditLedger { interface Types { action: 'org.member.invite' } } }`;
    expect(errorsIn(APPLICATION + declared)).toEqual([
      expect.stringContaining(`'"org.member.invte"' is not assignable to type '"org.member.invite"'`),
    ]);
    expect(errorsIn(APPLICATION.replace('invte', 'invite') + declared)).toEqual([]);
  });
});
