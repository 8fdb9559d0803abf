import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import multipart from '@fastify/multipart';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Uploads } from './services.js';

export const adapter = new FastifyAdapter();

/** Registers what the platform needs. */
export async function prepare(app: NestFastifyApplication) {
  await app.register(multipart);
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
