import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { USERS, type User } from './users.js';

export type SignedIn = FastifyRequest & { user: User };

const OPEN = 'open';

/** A route for everybody. */
export const Open = () => SetMetadata(OPEN, true);

const ADMINS = 'admins';

/** A route for administrators. */
export const ForAdmins = () => SetMetadata(ADMINS, true);

/** Sessions in memory: enough to show who is behind a request. */
@Injectable()
export class Sessions {
  readonly #users = new Map<string, User>();

  /** @returns the token of a new session */
  begin(id: string): string {
    const user = USERS.find((user) => user.id === id);
    if (!user) throw new UnauthorizedException('There is no such user.');
    const token = randomBytes(16).toString('hex');
    this.#users.set(token, user);
    return token;
  }

  userOf(request: FastifyRequest): User | undefined {
    const token = /(?:^|; )session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    return token === undefined ? undefined : this.#users.get(token);
  }
}

/** Lets in who has signed in, where a route is not open. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly sessions: Sessions,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: User }>();
    const user = this.sessions.userOf(request);
    if (user) request.user = user; // the ledger reads it from here
    const says = (name: string) => this.reflector.get<boolean>(name, context.getHandler()) === true;
    if (says(OPEN)) return true;
    if (!user) throw new UnauthorizedException();
    if (says(ADMINS) && user.role !== 'admin') throw new ForbiddenException();
    return true;
  }
}
