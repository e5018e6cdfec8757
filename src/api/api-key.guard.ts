import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './api-key.entity.js';
import { presentedKey } from './api-key-format.js';
import { ApiKeyUsage } from './api-key-usage.js';
import { ApiKeys } from './api-keys.js';
import { InsufficientScope, Unauthenticated } from './api.errors.js';
import { PUBLIC } from './public.js';

/** Every route needs an API key unless it is `@Public()`; reading needs the scope `read`, everything else `write`. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly apiKeys: ApiKeys,
    private readonly usage: ApiKeyUsage,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const presented = presentedKey(request.headers.authorization);
    if (presented === null) throw new Unauthenticated('Send an API key: `Authorization: Bearer gs_…`.');
    const key = await this.apiKeys.authenticate(presented);
    request.apiKey = key;
    request.context.api_key_id = key.id;
    this.usage.note(key.id);
    const scope: Scope = request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write';
    if (!key.scopes.includes(scope)) throw new InsufficientScope(scope);
    return true;
  }
}
