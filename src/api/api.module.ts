import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyUsage } from './api-key-usage.js';
import { ApiKeys } from './api-keys.js';
import { ApiKeysController } from './api-keys.controller.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { ErrorsPageController } from './errors-page.controller.js';
import { HealthController } from './health.controller.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { MetricsController } from './metrics.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { AddressLimitGuard, ApiKeyLimitGuard } from './rate-limits.js';
import { Readiness } from './readiness.js';
import { ValidationPipe } from './validation.pipe.js';

/** The manners of every endpoint. Guards run in the order they stand in. */
@Global()
@Module({
  controllers: [ApiKeysController, ErrorsPageController, HealthController, MetricsController],
  providers: [
    ApiKeys,
    ApiKeyUsage,
    AttemptLimiter,
    IdempotencyKeys,
    Readiness,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: AddressLimitGuard },
    { provide: APP_GUARD, useClass: ApiKeyGuard },
    { provide: APP_GUARD, useClass: ApiKeyLimitGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_PIPE, useClass: ValidationPipe },
  ],
  exports: [ApiKeys, AttemptLimiter, IdempotencyKeys, Readiness],
})
export class ApiModule {}
