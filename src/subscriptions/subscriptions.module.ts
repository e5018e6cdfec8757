import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { MirrorRegistry } from '../mirror/mirror-registry.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { ChangeTurns } from './change-turns.js';
import { FirstPayments } from './first-payments.js';
import { InvoicePayments } from './invoice-payments.js';
import { Offers } from './offers.js';
import { SubscriptionClaims } from './subscription-claims.js';
import { subscriptionMirror } from './subscription-from-stripe.js';
import { SubscriptionsController } from './subscriptions.controller.js';
import { Subscriptions } from './subscriptions.js';

@Module({
  imports: [PaymentsModule],
  controllers: [SubscriptionsController],
  providers: [ChangeTurns, FirstPayments, InvoicePayments, Offers, SubscriptionClaims, Subscriptions],
  exports: [Subscriptions],
})
export class SubscriptionsModule implements OnModuleInit {
  constructor(private readonly registry: MirrorRegistry) {}

  onModuleInit(): void {
    this.registry.mirror(subscriptionMirror);
  }
}
