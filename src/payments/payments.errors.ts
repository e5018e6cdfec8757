import { Failure } from '../errors/failure.js';
import { formatMoney } from './money.js';

/** The payment's state does not allow it (a payment that has succeeded cannot be canceled). */
export class PaymentUnexpectedState extends Failure {
  readonly code = 'payment_unexpected_state';
  readonly status = 409;
}

/** Nothing was received, so nothing can be given back. */
export class PaymentNotRefundable extends Failure {
  readonly code = 'payment_not_refundable';
  readonly status = 409;
  constructor(id: string, status: string) {
    super(`Nothing was received for the payment '${id}' (its status is ${status}), so there is nothing to refund.`);
  }
}

/** More than what is left of the payment. `left` and `currency` say how much that is. */
export class RefundExceedsPayment extends Failure {
  readonly code = 'refund_exceeds_payment';
  readonly status = 422;
  override readonly extensions: { left: number; currency: string };
  constructor(left: number, currency: string) {
    super(`${left === 0 ? 'Nothing' : `Only ${formatMoney(left, currency, 'en')}`} of this payment is left to refund.`);
    this.extensions = { left, currency };
  }
}
