import { AccessChange, AccessRow } from '../src/access/access.entity.js';
import { Alert } from '../src/alerts/alert.entity.js';
import { ApiKey } from '../src/api/api-key.entity.js';
import { Attempt } from '../src/api/attempt.entity.js';
import { IdempotencyKey } from '../src/api/idempotency-key.entity.js';
import { Price } from '../src/catalog/price.entity.js';
import { Product } from '../src/catalog/product.entity.js';
import { Customer, ExternalId } from '../src/customers/customer.entity.js';
import { DomainEventRow } from '../src/events/domain-event.entity.js';
import { DueRow } from '../src/jobs/due.entity.js';
import { Email } from '../src/notifications/email.entity.js';
import { Invoice } from '../src/payments/invoice.entity.js';
import { PaymentMethod } from '../src/payments/payment-method.entity.js';
import { Payment } from '../src/payments/payment.entity.js';
import { RefundReservation } from '../src/payments/refund-reservation.entity.js';
import { Refund } from '../src/payments/refund.entity.js';
import { Difference } from '../src/reconciliation/difference.entity.js';
import { Reconciliation } from '../src/reconciliation/reconciliation.entity.js';
import { Operation } from '../src/stripe/operation.entity.js';
import { SubscriptionClaim } from '../src/subscriptions/subscription-claim.entity.js';
import { Subscription } from '../src/subscriptions/subscription.entity.js';
import { InboundEvent } from '../src/webhooks/inbound/inbound-event.entity.js';
import { InboundTally } from '../src/webhooks/inbound/inbound-tally.entity.js';
import { WebhookReplay } from '../src/webhooks/inbound/webhook-replay.entity.js';
import { WebhookDelivery } from '../src/webhooks/outbound/webhook-delivery.entity.js';
import { WebhookEndpointReplay } from '../src/webhooks/outbound/webhook-endpoint-replay.entity.js';
import { WebhookEndpoint } from '../src/webhooks/outbound/webhook-endpoint.entity.js';

/** Every table of the house. */
export const entities = [
  AccessChange,
  AccessRow,
  Alert,
  ApiKey,
  Attempt,
  Customer,
  Difference,
  DomainEventRow,
  DueRow,
  Email,
  ExternalId,
  IdempotencyKey,
  InboundEvent,
  InboundTally,
  Invoice,
  Operation,
  Payment,
  PaymentMethod,
  Price,
  Product,
  Reconciliation,
  Refund,
  RefundReservation,
  Subscription,
  SubscriptionClaim,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpointReplay,
  WebhookReplay,
];
