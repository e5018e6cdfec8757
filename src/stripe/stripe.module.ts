import { Global, Module } from '@nestjs/common';
import { SandboxClock } from './sandbox-clock.js';
import { StripeApi } from './stripe-api.js';

@Global()
@Module({ providers: [SandboxClock, StripeApi], exports: [SandboxClock, StripeApi] })
export class StripeModule {}
