import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Connection } from 'mongoose';
import { AuditModule } from 'express-audit-ledger/nest';
import { HomeController } from './home.js';
import { Member, Members, MembersController, MemberSchema } from './members.js';
import { SessionGuard, Sessions } from './sessions.js';

const { MONGODB_URI = '', DATABASE = '', PORT = '3000' } = process.env;

@Module({
  imports: [
    MongooseModule.forRoot(MONGODB_URI, { dbName: DATABASE }),
    MongooseModule.forFeature([{ name: Member.name, schema: MemberSchema }]),
    // Behind the module that opens the connection: Nest closes the later one first.
    AuditModule.forRootAsync({
      inject: [getConnectionToken()],
      useFactory: (connection: Connection) => ({ ledger: { connection }, trail: { path: '/audit' } }),
    }),
  ],
  controllers: [HomeController, MembersController],
  providers: [Members, Sessions, { provide: APP_GUARD, useClass: SessionGuard }],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
app.enableShutdownHooks(undefined, { useProcessExit: true });
await app.listen(Number(PORT), '127.0.0.1');
console.log(`The example is at ${await app.getUrl()}`);
