import 'reflect-metadata';
import { Module, ValidationPipe, VersioningType } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import type { AddressInfo } from 'node:net';
import mongoose from 'mongoose';
import { AuditModule } from 'express-audit-ledger/nest';
import { SignIn } from './auth.js';
import { AppController, SecondController, ThingsController } from './controllers.js';
import { adapter, prepare, UploadController } from './platform.js';
import { Queue, Things, Uploads } from './services.js';

const { MONGODB_URI = '', DB_NAME = '', PORT = '0', HOST = '127.0.0.1' } = process.env;

/** All but `/api` is at the root. */
const AT_THE_ROOT = [
  ...[
    'ok',
    'event',
    'service',
    'timer',
    'queue',
    'late',
    'upload',
    'download',
    'slow.csv',
    'not-modified.csv',
  ],
  ...['guarded', 'forbidden', 'limited', 'thrown', 'boom', 'validated', 'denied-after-body', 'failure'],
  ...['slow-denied', 'slow-denied-early', 'keys', 'members/{*rest}', 'public/{*rest}', 'second/{*rest}'],
  ...['audit{/*rest}', 'orgs/:orgId/audit{/*rest}'],
];

interface Asked {
  params: { orgId?: string };
  user?: { tenantId?: string };
}

/** Opens the connection of the application. */
@Module({
  providers: [
    {
      provide: 'CONNECTION',
      useFactory: () => mongoose.createConnection(MONGODB_URI, { dbName: DB_NAME }).asPromise(),
    },
  ],
  exports: ['CONNECTION'],
})
class DatabaseModule {}

/** What is below `/second` has a ledger of its own. */
@Module({
  imports: [
    AuditModule.forRootAsync({
      isGlobal: false,
      imports: [DatabaseModule],
      inject: ['CONNECTION'],
      useFactory: (connection) => ({
        ledger: { connection, collections: 'second' },
        forRoutes: '/second',
      }),
    }),
  ],
  controllers: [SecondController],
})
class SecondModule {}

@Module({
  imports: [
    AuditModule.forRootAsync({
      imports: [DatabaseModule],
      inject: ['CONNECTION'],
      useFactory: (connection) => ({
        ledger: { connection },
        trail: {
          path: ['/audit', '/orgs/:orgId/audit'],
          tenant: (request: Asked) => request.params.orgId ?? request.user?.tenantId,
        },
      }),
    }),
    SecondModule,
  ],
  controllers: [AppController, ThingsController, UploadController],
  providers: [Things, Uploads, Queue, { provide: APP_GUARD, useClass: SignIn }],
})
class AppModule {}

const app = await NestFactory.create<Parameters<typeof prepare>[0]>(AppModule, adapter, {
  logger: ['error', 'warn'],
});
await prepare(app, app.get(AppController).audit);
app.enableVersioning({ type: VersioningType.URI });
app.setGlobalPrefix('api', { exclude: AT_THE_ROOT });
app.useGlobalPipes(new ValidationPipe());
app.enableShutdownHooks(undefined, { useProcessExit: true });
await app.listen(Number(PORT), HOST);
const { port } = app.getHttpServer().address() as AddressInfo;
console.log(JSON.stringify({ port }));
