import 'reflect-metadata';
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import {
  type ArgumentsHost,
  BadRequestException,
  Body,
  Catch,
  Controller,
  ForbiddenException,
  Get,
  type INestApplication,
  Injectable,
  type MiddlewareConsumer,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Query,
  UseFilters,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { of } from 'rxjs';
import { auditCoverage, isAuditError } from 'express-audit-ledger';
import {
  AuditModule,
  AuditService,
  Audited,
  type AuditedCall,
  Exempt,
  Sensitive,
} from 'express-audit-ledger/nest';
import { createTestAudit } from 'express-audit-ledger/testing';

interface Invite {
  email: string;
}

@Catch(ForbiddenException)
class Hide {
  catch(_error: ForbiddenException, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse();
    if (response.raw) response.code(404).send({ hidden: true });
    else response.status(404).json({ hidden: true });
  }
}

@Injectable()
class Members {
  @Audited('member.saved', { metadata: { by: 'service' } })
  async save(email: string) {
    await Promise.resolve();
    return { id: `id of ${email}` };
  }
}

@Controller('members')
class MembersController {
  constructor(private readonly members: Members) {}

  @Audited<MembersController['invite']>('member.invited', {
    resource: ({ args: [invite], result }) => ({ type: 'member', id: result?.id ?? invite.email }),
    metadata: ({ args: [invite, role] }) => ({ email: invite.email, role }),
  })
  @Post()
  async invite(@Body() invite: Invite, @Query('role') role: string) {
    return this.members.save(invite.email);
  }

  @Post('failing')
  @Audited('member.invited', { resource: (call: AuditedCall) => call.args[0].email.id.id })
  failing(@Body() _invite: Invite) {
    throw new Error('the mail server is away');
  }

  @Get('refused')
  @Audited('member.read')
  refused() {
    throw new ForbiddenException();
  }

  @Get('hidden')
  @UseFilters(Hide)
  @Audited('member.read')
  hidden() {
    throw new ForbiddenException();
  }

  @Get('observed')
  @Audited('member.read', { metadata: ({ result }) => ({ result }) })
  observed() {
    return of({ seen: 1 });
  }

  @Get('number/:id')
  @Audited('member.read')
  number(@Param('id', ParseIntPipe) id: number) {
    if (id < 0) throw new BadRequestException();
    return { id };
  }
}

@Controller('reports')
class ReportsController {
  private readonly title = 'Report';

  @Exempt('renders, and changes nothing')
  @Post('preview/:id')
  preview(@Param('id', ParseIntPipe) id: number, @Body() { text }: { text: string }) {
    return { shown: `${this.title} ${id + 1}: ${text}` };
  }

  @Post('silent')
  silent() {
    return {};
  }

  @Get('salaries')
  @Sensitive('what people earn')
  salaries() {
    return of({ total: 7 });
  }

  @Sensitive('who was paid')
  @Audited('payroll.read')
  @Get('payroll')
  async payroll(@Query('year') year: string) {
    return Promise.resolve({ year });
  }

  @Get('public')
  open() {
    return {};
  }

  @Sensitive('what is gone')
  @Get('gone')
  gone() {
    throw new ForbiddenException();
  }
}

/** Refuses as middleware, before Nest has routed the request. */
function refuseSome(req: { headers: Record<string, string>; user?: object }, res: any, next: () => void) {
  req.user = { id: 'mia', tenantId: 'acme' };
  if (req.headers['x-refuse'] === undefined) return next();
  res.statusCode = 401;
  res.end('no');
}

class SomeGuard {
  canActivate() {
    return true;
  }
}

const audits = { express: createTestAudit(), fastify: createTestAudit() };
type Platform = keyof typeof audits;

function moduleOn(platform: Platform) {
  @Module({
    imports: [
      AuditModule.forRoot({
        audit: audits[platform],
        guards: [SomeGuard],
        trail: { path: 'trails/:tenant', recordAccess: 'all' },
      }),
    ],
    controllers: [MembersController, ReportsController],
    providers: [Members],
  })
  class AppModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(refuseSome).forRoutes('{*path}');
    }
  }
  return AppModule;
}

const adapterOf = (platform: Platform) =>
  platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();

async function start(app: INestApplication): Promise<string> {
  app.setGlobalPrefix('api');
  await app.listen(0, '127.0.0.1');
  return `http://127.0.0.1:${app.getHttpServer().address().port}`;
}

/** What was recorded by a request. */
async function recorded(platform: Platform, url: string, init?: RequestInit) {
  const audit = audits[platform];
  await audit.clear();
  const response = await fetch(url, init);
  const text = await response.text();
  await audit.flush();
  const entries = audit.entries.filter(
    ({ tenantId, action }) => tenantId !== 'system' || !action.startsWith('ledger.'),
  );
  return { status: response.status, text, entries };
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function check(platform: Platform, base: string) {
  const ask = (path: string, init?: RequestInit) => recorded(platform, `${base}/api${path}`, init);

  const invited = await ask('/members?role=admin', post({ email: 'bob@acme.example' }));
  assert.deepEqual([invited.status, JSON.parse(invited.text)], [201, { id: 'id of bob@acme.example' }]);
  assert.deepEqual(
    invited.entries.map(({ action, actor, tenantId, outcome, resource, metadata, context }) => ({
      ...{ action, actor, tenantId, outcome, resource, metadata },
      route: context?.['route'],
    })),
    [
      {
        action: 'member.saved',
        actor: 'mia',
        tenantId: 'acme',
        outcome: 'success',
        resource: undefined,
        metadata: { by: 'service' },
        route: '/api/members',
      },
      {
        ...{ action: 'member.invited', actor: 'mia', tenantId: 'acme', outcome: 'success' },
        resource: 'id of bob@acme.example',
        metadata: { email: 'bob@acme.example', role: 'admin' },
        route: '/api/members',
      },
    ],
  );

  const failed = await ask('/members/failing', post({ email: 'bob' }));
  assert.equal(failed.status, 500);
  const [failure] = failed.entries;
  assert.deepEqual(
    [failed.entries.length, failure?.action, failure?.outcome],
    [1, 'member.invited', 'failure'],
  );
  assert.match(JSON.stringify(failure?.metadata), /the mail server is away/);

  const refused = await ask('/members/refused');
  assert.deepEqual(
    [refused.status, refused.entries.map(({ action }) => action)],
    [403, ['auth.unauthorized_access']],
  );

  const hidden = await ask('/members/hidden');
  assert.deepEqual(
    [hidden.status, hidden.entries.map(({ action, outcome }) => [action, outcome])],
    [404, [['member.read', 'failure']]],
  );

  const observed = await ask('/members/observed');
  assert.deepEqual([observed.text, observed.entries[0]?.metadata], ['{"seen":1}', { result: { seen: 1 } }]);

  const invalid = await ask('/members/number/x');
  assert.deepEqual([invalid.status, invalid.entries], [400, []]);
  assert.equal((await ask('/members/number/-1')).entries[0]?.outcome, 'failure');

  const early = await ask('/members/observed', { headers: { 'x-refuse': 'yes' } });
  assert.deepEqual(
    [early.status, early.entries.map(({ action, actor, tenantId }) => [action, actor, tenantId])],
    [401, [['auth.unauthorized_access', 'mia', 'acme']]],
  );

  const trail = await ask('/trails/acme/entries?limit=1');
  assert.equal(trail.status, 200, trail.text);
  assert.deepEqual(
    trail.entries.map(({ action, context }) => [action, context?.['route']]),
    [['audit.read', '/api/trails/:tenant/entries']],
  );
  assert.match((await ask('/trails/acme/')).text, /<!doctype html>/i);
  assert.equal((await ask('/trails/acme/none/such')).status, 404);
}

/** What the marks of methods tell the report of coverage, and that they leave the methods as they are. */
async function checkCoverage(platform: Platform, base: string) {
  const coverage = auditCoverage({ routes: ['POST /api/reports/never'] });
  const ask = async (path: string, init?: RequestInit) => {
    const { status, text } = await recorded(platform, `${base}/api${path}`, init);
    return [status, text];
  };
  assert.deepEqual(await ask('/reports/preview/6', post({ text: 'all' })), [
    201,
    '{"shown":"Report 7: all"}',
  ]);
  assert.equal((await ask('/reports/preview/x', post({ text: 'all' })))[0], 400);
  assert.deepEqual(await ask('/reports/salaries'), [200, '{"total":7}']);
  assert.deepEqual(await ask('/reports/payroll?year=2026'), [200, '{"year":"2026"}']);
  assert.equal((await ask('/reports/gone'))[0], 403);
  await ask('/reports/public');
  await ask('/reports/silent', post({}));
  await ask('/members', post({ email: 'bob' }));
  coverage.stop();
  const { routes } = coverage.report();
  const report = routes
    .filter(({ path, state }) => path.includes('/reports/') || state === 'recorded')
    .map(({ method, path, state, reason, sensitive }) => [
      `${method} ${path}`,
      state,
      ...[reason ?? sensitive ?? []].flat(),
    ]);
  assert.deepEqual(report, [
    ['POST /api/members', 'recorded'],
    ['GET /api/reports/gone', 'recorded', 'what is gone'],
    ['POST /api/reports/never', 'never called'],
    ['GET /api/reports/payroll', 'recorded', 'who was paid'],
    ['POST /api/reports/preview/:id', 'exempt', 'renders, and changes nothing'],
    ['GET /api/reports/salaries', 'silent', 'what people earn'],
    ['POST /api/reports/silent', 'silent'],
  ]);
  // The trail's own routes are none of the application.
  assert.deepEqual(
    routes.filter(({ path }) => path.includes('/trails/')),
    [],
  );
}

for (const decorator of [Exempt, Sensitive]) {
  assert.throws(() => decorator(' '), /needs its reason/);
  assert.throws(
    () => decorator('because')({}, 'name', { value: 1 }),
    (error) => isAuditError(error) && /stands on name, which is no method/.test(error.message),
  );
}

const bases = new Map<Platform, string>();
const apps: INestApplication[] = [];
for (const platform of ['express', 'fastify'] as const) {
  const app = await NestFactory.create(moduleOn(platform), adapterOf(platform), {
    logger: false,
    abortOnError: false,
  });
  apps.push(app);
  assert.equal(app.get(AuditService), audits[platform]);
  bases.set(platform, await start(app));
}
// Both applications are in this process at the same time, each with its own ledger.
for (const [platform, base] of bases) await check(platform, base);
for (const [platform, base] of bases) await checkCoverage(platform, base);
await Promise.all(apps.map((app) => app.close()));
await audits.express.event({ tenantId: 'acme', action: 'still.open' }); // the application's own: it is not closed

// In tests, modules are made before there is a server.
for (const platform of ['express', 'fastify'] as const) {
  const module = await Test.createTestingModule({ imports: [moduleOn(platform)] }).compile();
  const app = module.createNestApplication(adapterOf(platform) as never, { logger: false });
  await check(platform, await start(app));
  await app.close();
}

// One token for both module formats.
assert.equal(createRequire(import.meta.url)('express-audit-ledger/nest').AuditService, AuditService);

await assert.rejects(
  NestFactory.create(AuditModule.forRoot({ audit: audits.express, trial: {} } as never), {
    logger: false,
    abortOnError: false,
  }),
  /`trial` is not known/,
);
await assert.rejects(
  async () => new Members().save('x'),
  /is @Audited, and was called on an object that Nest has not made/,
);
for (const audit of Object.values(audits)) await audit.close();
