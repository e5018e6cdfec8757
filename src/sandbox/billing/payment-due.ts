import type { Context } from '../context.js';
import { debitResult, microdepositsFail } from '../methods/debits.js';
import { voucherExpires, voucherPaid } from '../methods/vouchers.js';
import { cardExpires } from '../payments/card-expiry.js';
import { followUpDue } from '../payments/charges.js';
import * as disputes from '../payments/disputes.js';
import { expireAuthorization, type Attempt } from '../payments/intents.js';
import { refundFails, refundSucceeds } from '../payments/refunds.js';
import { followed } from '../payments/soon.js';
import { settleLater } from './intent-outcome.js';

/** What becomes of payments by itself; what they paid learns of it. */
export const PAYMENT_DUE = {
  'card.expiry': cardExpires,
  'charge.follow_up': followed(followUpDue),
  'dispute.deadline': disputes.deadline,
  'dispute.decision': followed(disputes.decideDue),
  'dispute.inquiry_end': disputes.inquiryEnd,
  'intent.capture_expiry': expireAuthorization,
  'intent.debit': settled(debitResult),
  'intent.microdeposits': settled(microdepositsFail),
  'refund.fails': followed(refundFails),
  'refund.succeeds': followed(refundSucceeds),
  'voucher.expires': settled(voucherExpires),
  'voucher.paid': settled(voucherPaid),
};

function settled(run: (context: Context, id: string) => Attempt | undefined) {
  return followed((context, id) => settleLater(context, run(context, id)));
}
