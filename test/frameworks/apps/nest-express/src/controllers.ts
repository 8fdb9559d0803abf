import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  HttpException,
  Post,
  Req,
  StreamableFile,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { IsString } from 'class-validator';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type AuditedRequest, AuditService } from 'express-audit-ledger/nest';
import { Limited, Nobody, Refused, RefusedLate, SignedIn } from './auth.js';
import { Queue, Things } from './services.js';

class Named {
  @IsString()
  name!: string;
}

@Controller()
export class AppController {
  constructor(
    readonly audit: AuditService,
    private readonly things: Things,
    private readonly queue: Queue,
  ) {}

  @Get('ok')
  ok() {
    return { ok: true };
  }

  @Get('event')
  event(@Req() request: AuditedRequest) {
    return request.audit({ action: 'thing.read', resource: 'r1' });
  }

  @Post('keys')
  keys(@Req() { user }: { user: { tenantId: string } }) {
    return this.audit.keys.create({ name: 'service', scopes: ['write', 'read'], tenants: [user.tenantId] });
  }

  @Get('service')
  async service() {
    await this.things.call();
    return { ok: true };
  }

  @Get('timer')
  async timer() {
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => this.audit.event({ action: 'timer.fired' }).then(() => resolve(), reject), 5);
    });
    return { ok: true };
  }

  @Get('queue')
  @HttpCode(202)
  enqueue() {
    this.queue.add({});
    return { ok: true };
  }

  @Get('late')
  late() {
    setTimeout(() => {
      this.audit
        .event({ action: 'late' })
        .catch((error: { code?: string }) =>
          this.audit.event({ tenantId: 'late', action: 'late.refused', metadata: { code: error.code } }),
        );
    }, 50);
    return { ok: true };
  }

  @Get('guarded')
  @UseGuards(SignedIn)
  guarded() {
    return { ok: true };
  }

  @Get('forbidden')
  @UseGuards(Nobody)
  forbidden() {
    return { ok: true };
  }

  @Get('limited')
  @UseGuards(Limited)
  limited() {
    return { ok: true };
  }

  @Get('thrown')
  thrown() {
    throw new ForbiddenException();
  }

  @Get('boom')
  boom() {
    throw new Error('boom');
  }

  @Post('validated')
  validated(@Body() body: Named) {
    return body;
  }

  @Post('denied-after-body')
  deniedAfterBody(@Body() body: { text: string }) {
    throw new HttpException(`Denied ${body.text.length}`, 403);
  }

  @Get('members/:id/report.csv')
  @Header('content-type', 'text/csv')
  report() {
    return 'x'.repeat(20_000);
  }

  @Get('members/:id/public.css')
  @Header('content-type', 'text/css')
  @Header('cache-control', 'public, max-age=3600')
  css() {
    return 'a {}';
  }

  @Get('public/data.json')
  @Header('cache-control', 'public, max-age=3600')
  data() {
    return { open: true };
  }

  @Get('download')
  download() {
    const portions = Array.from({ length: 20 }, () => Buffer.alloc(10_000, 'x'));
    return new StreamableFile(Readable.from(portions), { disposition: 'attachment; filename="all.bin"' });
  }

  @Get('slow.csv')
  slow() {
    return new StreamableFile(Readable.from(slowly()), { type: 'text/csv' });
  }

  @Get('not-modified.csv')
  @HttpCode(304)
  notModified() {}

  @Get('slow-denied')
  @UseGuards(RefusedLate)
  slowDenied() {}

  @Get('slow-denied-early')
  @UseGuards(RefusedLate)
  slowDeniedEarly() {}

  @Get('failure')
  async failure() {
    await this.audit.event({ action: 'login.failed', outcome: 'failure' });
    throw new UnauthorizedException();
  }
}

async function* slowly() {
  for (let i = 0; i < 500; i++) {
    yield Buffer.alloc(65_536, 'x');
    await wait(20);
  }
}

@Controller({ path: 'orgs/:orgId/things', version: '1' })
export class ThingsController {
  constructor(private readonly audit: AuditService) {}

  @Get(':id')
  async show() {
    await this.audit.event({ action: 'thing.shown' });
    return { ok: true };
  }
}

@Controller('second')
export class SecondController {
  @Get('event')
  event(@Req() request: AuditedRequest) {
    return request.audit({ action: 'thing.read', resource: 'r1' });
  }

  @Get('denied')
  @UseGuards(Refused)
  denied() {}
}
