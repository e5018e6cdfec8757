import { accounts } from './resources/account.js';
import { accountVerbs } from './resources/account-verbs.js';
import { billingPortal } from './resources/billing-portal.js';
import { capabilities } from './resources/capabilities.js';
import { cashBalances } from './resources/cash-balances.js';
import { checkoutSessions } from './resources/checkout-sessions.js';
import { coupons } from './resources/coupons.js';
import { creditNotes } from './resources/credit-notes.js';
import { customerBalanceTransactions } from './resources/customer-balance-transactions.js';
import { customers } from './resources/customers.js';
import { entitlements } from './resources/entitlements.js';
import { disputes, earlyFraudWarnings } from './resources/disputes.js';
import { events } from './resources/events.js';
import { externalAccounts } from './resources/external-accounts.js';
import { files } from './resources/files.js';
import { invoiceItems } from './resources/invoice-items.js';
import { invoices } from './resources/invoices.js';
import { mandates } from './resources/mandates.js';
import { balances, balanceTransactions, charges, invoicePayments, refunds } from './resources/money.js';
import { meterEvents } from './resources/meter-events.js';
import { meters } from './resources/meters.js';
import { paymentIntents } from './resources/payment-intents.js';
import { paymentMethods } from './resources/payment-methods.js';
import { persons } from './resources/persons.js';
import { prices } from './resources/prices.js';
import { products } from './resources/products.js';
import { promotionCodes } from './resources/promotion-codes.js';
import { search } from './resources/search.js';
import { setupAttempts } from './resources/setup-attempts.js';
import { setupIntents } from './resources/setup-intents.js';
import { subscriptionItems } from './resources/subscription-items.js';
import { subscriptions } from './resources/subscriptions.js';
import { subscriptionSchedules } from './resources/subscription-schedules.js';
import { taxRates } from './resources/tax-rates.js';
import { testClocks } from './resources/test-clocks.js';
import { taxIds } from './resources/tax-ids.js';
import { webhookEndpoints } from './resources/webhook-endpoints.js';
import type { Route } from './route.js';
import type { SearchIndex } from './search/search-index.js';
import type { State } from './state.js';

/** The whole API: every verb of every resource. A new resource is a file and a line here. */
export function allRoutes(file: State, index: SearchIndex): Route[] {
  return [
    ...accounts,
    ...accountVerbs,
    ...balances,
    ...balanceTransactions,
    ...billingPortal,
    ...capabilities,
    ...cashBalances,
    ...charges,
    ...checkoutSessions,
    ...coupons,
    ...creditNotes,
    ...customerBalanceTransactions,
    ...customers,
    ...entitlements,
    ...disputes,
    ...earlyFraudWarnings,
    ...events(file),
    ...externalAccounts,
    ...files,
    ...mandates,
    ...invoiceItems,
    ...invoicePayments,
    ...invoices,
    ...meterEvents,
    ...meters,
    ...paymentIntents,
    ...paymentMethods,
    ...persons,
    ...prices,
    ...products,
    ...promotionCodes,
    ...refunds,
    ...search(index),
    ...setupAttempts,
    ...setupIntents,
    ...subscriptionItems,
    ...subscriptions,
    ...subscriptionSchedules,
    ...taxRates,
    ...testClocks,
    ...taxIds,
    ...webhookEndpoints,
  ];
}
