import { Body, Controller, Get, Header, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Open, Sessions } from './sessions.js';
import { USERS } from './users.js';

@Controller()
export class HomeController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @Open()
  @Header('content-type', 'text/html; charset=utf-8')
  home(@Req() request: FastifyRequest) {
    const user = this.sessions.userOf(request);
    const buttons = USERS.map(
      ({ id, name, tenantId }) => `<button name="user" value="${id}">${name} of ${tenantId}</button>`,
    );
    return `<!doctype html><title>Example</title>
<form method="post" action="/sign-in">${buttons.join(' ')}</form>
${user ? `<p>Signed in as ${user.name}.</p>` : ''}
<form method="post" action="/members"><input name="email" placeholder="who@acme.example"> <button>Invite</button></form>
<p><a href="/members">Members</a> · <a href="/members/all.csv">as a file</a> · <a href="/audit">The audit trail</a></p>`;
  }

  @Post('sign-in')
  @Open()
  signIn(@Body() body: { user: string }, @Res() reply: FastifyReply) {
    const token = this.sessions.begin(body.user);
    void reply.header('set-cookie', `session=${token}; HttpOnly; SameSite=Strict; Path=/`).redirect('/', 303);
  }
}
