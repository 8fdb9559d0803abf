import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import multipart from '@fastify/multipart';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { auditCollector } from 'express-audit-ledger/fastify';
import type { AuditService } from 'express-audit-ledger/nest';
import { Uploads } from './services.js';

export const adapter = new FastifyAdapter();

/** Registers what the platform needs, and mounts the collector. */
export async function prepare(app: NestFastifyApplication, audit: AuditService) {
  await app.register(multipart);
  app.getHttpAdapter().getInstance().register(auditCollector, { audit, prefix: '/ingest' });
}

@Controller()
export class UploadController {
  constructor(private readonly uploads: Uploads) {}

  @Post('upload')
  @HttpCode(200)
  async upload(@Req() request: { file(): Promise<{ toBuffer(): Promise<Buffer> }> }) {
    const file = await request.file();
    await this.uploads.store(await file.toBuffer());
    return { ok: true };
  }
}
