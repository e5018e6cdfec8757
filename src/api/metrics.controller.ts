import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { readDatabaseFigures } from '../telemetry/database-figures.js';
import { exposition } from '../telemetry/metrics.js';
import { presentedKey } from './api-key-format.js';
import { Unauthenticated } from './api.errors.js';
import { Public } from './public.js';

/**
 * For Prometheus, which has no API key: METRICS_TOKEN opens it. Without one it is closed in production, and elsewhere open to
 * this machine alone. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
@Public()
@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly transactions: Transactions,
    @Inject(ENV) private readonly env: Runtime,
  ) {}

  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  async scrape(@Req() request: FastifyRequest): Promise<string> {
    this.admit(request);
    await readDatabaseFigures(this.transactions);
    return exposition();
  }

  private admit(request: FastifyRequest): void {
    const { metricsToken, nodeEnv } = this.env;
    if (metricsToken !== null) {
      const presented = presentedKey(request.headers.authorization);
      if (presented !== null && isSame(presented, metricsToken)) return;
      throw new Unauthenticated('Send the token: `Authorization: Bearer <METRICS_TOKEN>`.');
    }
    if (nodeEnv === 'production' || !isLoopback(request.ip)) throw new NotFound('page', '/metrics');
  }
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
