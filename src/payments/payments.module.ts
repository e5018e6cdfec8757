import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { MirrorRegistry } from '../mirror/mirror-registry.js';
import { invoiceMirror } from './invoice-from-stripe.js';
import { InvoicesController } from './invoices.controller.js';
import { paymentIntentMirror } from './payment-intent-from-stripe.js';
import { paymentMethodMirror } from './payment-method-from-stripe.js';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { PaymentMethods } from './payment-methods.js';
import { PaymentsController } from './payments.controller.js';
import { Payments } from './payments.js';
import { refundMirror } from './refund-from-stripe.js';
import { releaseFulfilled } from './refund-reservations.js';
import { RefundedPayments } from './refunded-payments.js';
import { RefundsController } from './refunds.controller.js';
import { Refunds } from './refunds.js';

@Module({
  controllers: [InvoicesController, PaymentMethodsController, PaymentsController, RefundsController],
  providers: [PaymentMethods, Payments, RefundedPayments, Refunds],
  exports: [PaymentMethods],
})
export class PaymentsModule implements OnModuleInit {
  constructor(
    private readonly registry: MirrorRegistry,
    private readonly refundedPayments: RefundedPayments,
  ) {}

  onModuleInit(): void {
    this.registry.mirror(invoiceMirror, paymentIntentMirror, paymentMethodMirror, refundMirror);
    this.registry.derive(releaseFulfilled);
    this.registry.derive((em, rows) => this.refundedPayments.derive(em, rows));
  }
}
