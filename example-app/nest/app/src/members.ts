import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Injectable,
  NotFoundException,
  Param,
  Post,
  Req,
} from '@nestjs/common';
import { InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Audited, AuditService } from 'express-audit-ledger/nest';
import { ForAdmins, type SignedIn } from './sessions.js';

@Schema()
export class Member {
  @Prop({ required: true, type: String })
  tenantId!: string;

  @Prop({ required: true, type: String })
  email!: string;
}

export const MemberSchema = SchemaFactory.createForClass(Member);

/** Knows no request: the ledger finds the one it works for. */
@Injectable()
export class Members {
  constructor(
    @InjectModel(Member.name) private readonly members: Model<Member>,
    private readonly audit: AuditService,
  ) {}

  async invite(tenantId: string, email: string) {
    const { id } = await this.members.create({ tenantId, email: String(email) });
    return { id: id as string, email };
  }

  list(tenantId: string) {
    return this.members.find({ tenantId }).sort('email').lean();
  }

  async remove(tenantId: string, id: string) {
    const member = await this.members.findOneAndDelete({ _id: id, tenantId });
    if (!member) throw new NotFoundException();
    await this.audit.event({
      action: 'member.removed',
      resource: { type: 'member', id },
      before: { email: member.email },
    });
  }
}

@Controller('members')
export class MembersController {
  constructor(private readonly members: Members) {}

  @Post()
  @ForAdmins()
  @Audited<MembersController['invite']>('member.invited', {
    resource: ({ args: [, { email }], result }) => ({ type: 'member', id: result?.id ?? email, name: email }),
  })
  invite(@Req() { user }: SignedIn, @Body() body: { email: string }) {
    return this.members.invite(user.tenantId, body.email);
  }

  @Get()
  list(@Req() { user }: SignedIn) {
    return this.members.list(user.tenantId);
  }

  @Get('all.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  async csv(@Req() { user }: SignedIn) {
    const members = await this.members.list(user.tenantId);
    return ['email', ...members.map(({ email }) => JSON.stringify(email))].join('\r\n');
  }

  @Delete(':id')
  @ForAdmins()
  @HttpCode(204)
  remove(@Req() { user }: SignedIn, @Param('id') id: string) {
    return this.members.remove(user.tenantId, id);
  }
}
