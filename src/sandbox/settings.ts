import * as p from './params.js';

/** What an account sets in Stripe's dashboard: https://docs.stripe.com/billing/revenue-recovery/smart-retries */
export interface Settings {
  /** Days after the first failed attempt at which an invoice is tried again. */
  retry_days: number[];
  /** What becomes of the subscription when the last retry fails. */
  after_retries: 'cancel' | 'unpaid' | 'past_due';
  /** Days before a renewal at which `invoice.upcoming` is sent. */
  upcoming_days: number;
  /**
   * Bank debits, and refunds to bank accounts, take the business days that they take in live mode; else they are as quick
   * as in Stripe's test mode: https://docs.stripe.com/testing#non-card-payments
   */
  bank_days: boolean;
  /**
   * What becomes of saved cards when their month is over. Stripe's documentation does not say what its test mode does; a
   * test clock may stand years ahead of a card that is saved today, so they are charged unless asked otherwise.
   */
  expired_cards: 'charged' | 'declined' | 'updated';
  /** Where the business is: its price list, and the payment methods that it may offer. Null: the United States, and all. */
  account_country: string | null;
}

/** Smart Retries try up to 8 times within two weeks; this schedule lies within those bounds and is always the same. */
export const DEFAULT_SETTINGS: Settings = {
  retry_days: [3, 5, 7, 14],
  after_retries: 'cancel',
  upcoming_days: 7,
  bank_days: false,
  expired_cards: 'charged',
  account_country: null,
};

export const settingsShape = {
  retry_days: p.listOf(p.atLeast(1)),
  after_retries: p.oneOf('cancel', 'unpaid', 'past_due'),
  upcoming_days: p.atLeast(1),
  bank_days: p.flag,
  expired_cards: p.oneOf('charged', 'declined', 'updated'),
  account_country: p.clearable(p.text),
};
