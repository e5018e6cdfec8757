import { Failure } from '../errors/failure.js';

/** At most one live subscription per customer and plan group. */
export class SubscriptionExists extends Failure {
  readonly code = 'subscription_exists';
  readonly status = 409;
  override readonly extensions: Record<string, unknown>;
  constructor(live: { id: string; status: string; plan: string | null }, group: string) {
    super(
      `The customer has a live subscription of the group '${group}': ${live.id} (plan ${live.plan}, ${live.status}). ` +
        'Change it with POST /v1/subscriptions/{id}/change, or cancel it first.',
    );
    this.extensions = { subscription: live.id, subscription_status: live.status };
  }
}

/** A command of this customer is under way, or its outcome is not known yet. */
export class OperationInProgress extends Failure {
  readonly code = 'operation_in_progress';
  readonly status = 409;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 5;
  constructor(what: string) {
    super(`${what} Try again in a moment.`);
  }
}

/** Of several changes at once, one is made. */
export class ChangeInProgress extends Failure {
  readonly code = 'change_in_progress';
  readonly status = 409;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 2;
  constructor(id: string) {
    super(
      `Another request is changing the subscription '${id}'. Look at what it has become before you change it again.`,
    );
  }
}

export class SubscriptionEnded extends Failure {
  readonly code = 'subscription_ended';
  readonly status = 409;
  constructor(id: string, status: string) {
    super(`The subscription '${id}' has ended (${status}). Create a new one with POST /v1/subscriptions.`);
  }
}

/** Its state does not allow what was asked for. */
export class SubscriptionNotReady extends Failure {
  readonly code = 'subscription_not_ready';
  readonly status = 409;
  override readonly extensions: Record<string, unknown>;
  constructor(id: string, status: string, wanted: string) {
    super(`The subscription '${id}' is ${status} and cannot be ${wanted} in this state.`);
    this.extensions = { subscription_status: status };
  }
}

export class PaymentMethodRequired extends Failure {
  readonly code = 'payment_method_required';
  readonly status = 422;
  constructor(customer: string) {
    super(
      `The customer '${customer}' has no payment method. Give payment_method, or attach one with POST /v1/customers/{customer}/payment_methods.`,
    );
  }
}

/** The catalogue is ahead of Stripe. */
export class CatalogNotApplied extends Failure {
  readonly code = 'catalog_not_applied';
  readonly status = 503;
  constructor(lookupKey: string) {
    super(`The price '${lookupKey}' of the catalogue is not known at Stripe yet: run \`npm run catalog -- apply\`.`);
  }
}
