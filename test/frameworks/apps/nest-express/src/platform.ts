import { Controller, HttpCode, Post, UploadedFile, UseInterceptors } from '@nestjs/common';
import { ExpressAdapter, FileInterceptor, type NestExpressApplication } from '@nestjs/platform-express';
import type { AuditService } from 'express-audit-ledger/nest';
import { auditCollector } from 'express-audit-ledger/collector';
import { Uploads } from './services.js';

export const adapter = new ExpressAdapter();

/** Takes bodies as large as those of Fastify, and mounts the collector. */
export function prepare(app: NestExpressApplication, audit: AuditService) {
  app.useBodyParser('json', { limit: '1mb' });
  app.use('/ingest', auditCollector({ audit }));
}

@Controller()
export class UploadController {
  constructor(private readonly uploads: Uploads) {}

  @Post('upload')
  @HttpCode(200)
  @UseInterceptors(FileInterceptor('file'))
  async upload(@UploadedFile() file: { buffer: Buffer }) {
    await this.uploads.store(file.buffer);
    return { ok: true };
  }
}
