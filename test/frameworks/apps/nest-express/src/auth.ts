import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';

/** Signs in whom the headers name, for all routes. */
@Injectable()
export class SignIn implements CanActivate {
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest();
    const { 'x-user': id, 'x-tenant': tenantId } = request.headers;
    if (id) request.user = { id, tenantId };
    return true;
  }
}

@Injectable()
export class SignedIn implements CanActivate {
  canActivate(context: ExecutionContext) {
    if (context.switchToHttp().getRequest().user) return true;
    throw new UnauthorizedException();
  }
}

@Injectable()
export class Nobody implements CanActivate {
  canActivate() {
    return false; // Nest answers 403
  }
}

@Injectable()
export class Limited implements CanActivate {
  canActivate(): boolean {
    throw new HttpException('Too many requests', 429);
  }
}

@Injectable()
export class Refused implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException();
  }
}

@Injectable()
export class RefusedLate implements CanActivate {
  async canActivate(): Promise<boolean> {
    await wait(300);
    throw new UnauthorizedException();
  }
}
