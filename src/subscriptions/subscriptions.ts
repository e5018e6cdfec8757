import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import { Price } from '../catalog/price.entity.js';
import type { Customer } from '../customers/customer.entity.js';
import { findCustomer } from '../customers/customers.js';
import { Transactions } from '../database/transactions.js';
import { InvalidInput, NotFound } from '../errors/failure.js';
import { Commands } from '../mirror/commands.js';
import { ChangeTurns } from './change-turns.js';
import type { Turn } from './change-turns.js';
import { FirstPayments } from './first-payments.js';
import { InvoicePayments } from './invoice-payments.js';
import { Offers } from './offers.js';
import type { Offer } from './offers.js';
import { changeOf, isChangeable } from './subscription-change.js';
import { mainItem } from './subscription-changes.js';
import { SubscriptionClaims } from './subscription-claims.js';
import type { Claim } from './subscription-claims.js';
import { chargesAtOnce, creationOf } from './subscription-creation.js';
import { hasEnded } from './subscription-status.js';
import { Subscription } from './subscription.entity.js';
import {
  OperationInProgress,
  PaymentMethodRequired,
  SubscriptionEnded,
  SubscriptionExists,
  SubscriptionNotReady,
} from './subscriptions.errors.js';

export interface SubscribeRequest {
  /** Stripe's id. */
  customer: string;
  plan: string;
  interval: string;
  currency?: string | undefined;
  quantity?: number | undefined;
  trial_days?: number | undefined;
  payment_method?: string | undefined;
}

export interface ChangeRequest {
  plan: string;
  interval?: string | undefined;
  quantity?: number | undefined;
}

/** Subscribes customers, and changes what they have: one at a time per customer and plan group, and per subscription. */
@Injectable()
export class Subscriptions {
  constructor(
    private readonly catalog: Catalog,
    private readonly claims: SubscriptionClaims,
    private readonly commands: Commands,
    private readonly firstPayments: FirstPayments,
    private readonly offers: Offers,
    private readonly payments: InvoicePayments,
    private readonly transactions: Transactions,
    private readonly turns: ChangeTurns,
  ) {}

  /**
   * @returns Stripe's id; the subscription is `incomplete` when the payment waits for the customer
   * @throws CardDeclined when the first payment is refused: then there is no subscription
   */
  async subscribe(request: SubscribeRequest): Promise<string> {
    const em = this.transactions.reader();
    const customer = await findCustomer(em, request.customer);
    const offer = await this.offers.find(em, { ...request, currency: request.currency }, customer.currency);
    const busy = () =>
      new OperationInProgress(
        `The customer '${customer.id}' is being subscribed to a plan of the group '${offer.plan.group}'.`,
      );
    return this.claims.hold({ customer: customer.id, subject: offer.plan.group }, busy, (claim) =>
      this.start(customer, offer, request, claim),
    );
  }

  /** @param at `period_end` can be undone with `resume` until then. One that has ended is left as it is. */
  async cancel(id: string, at: 'now' | 'period_end'): Promise<void> {
    await this.turns.take(id, async ({ subscription, run }) => {
      if (hasEnded(subscription.status)) return;
      if (subscription.status === 'incomplete') await this.firstPayments.giveUp(subscription);
      else if (at === 'now') await run('subscription.cancel', { id });
      else await run('subscription.update', { id, cancel_at_period_end: true });
    });
  }

  /**
   * Undoes a scheduled cancellation, or begins a new, paid period of a paused subscription.
   * @throws CardDeclined when that payment is refused: then it stays paused
   */
  async resume(id: string): Promise<void> {
    await this.turns.take(id, async (turn) => {
      const { status, cancel_at } = turn.subscription;
      if (hasEnded(status)) throw new SubscriptionEnded(id, status);
      if (cancel_at === null && status !== 'paused' && !isChangeable(status)) {
        throw new SubscriptionNotReady(id, status, 'resumed');
      }
      if (cancel_at !== null) await undoCancellation(turn);
      if (status === 'paused') await this.unpause(turn);
    });
  }

  /** To another plan of the same group, interval or quantity; see `changeOf` for when it is charged. */
  async change(id: string, request: ChangeRequest): Promise<void> {
    await this.turns.take(id, async ({ subscription, run }) => {
      const { status, currency, plan } = subscription;
      if (hasEnded(status)) throw new SubscriptionEnded(id, status);
      const item = mainItem(subscription);
      if (!item || !isChangeable(status)) throw new SubscriptionNotReady(id, status, 'changed');
      const em = this.transactions.reader();
      const price = await em.findOne(Price, item.price);
      if (!price) throw new NotFound('price', item.price);
      const interval = request.interval ?? price.recurring_interval ?? 'month';
      const offer = await this.offers.find(em, { plan: request.plan, interval, currency }, null);
      this.checkGroup(plan, offer);
      const quantity = request.quantity ?? item.quantity;
      if (offer.price.id === price.id && quantity === item.quantity) return;
      const from = { price, quantity: item.quantity };
      await run('subscription.update', changeOf(subscription, item.id, from, { price: offer.price, quantity }));
    });
  }

  private async start(customer: Customer, offer: Offer, request: SubscribeRequest, claim: Claim): Promise<string> {
    const earlier = await this.ofGroup(customer.id, offer.plan.group);
    const params = creationOf(customer.id, offer, request, earlier);
    if (!(await this.commands.begun('subscription.create', params))) {
      const live = earlier.find(({ status }) => !hasEnded(status));
      if (live) throw new SubscriptionExists(live, offer.plan.group);
      if (await this.commands.inDoubt(customer.id, 'subscription.create')) {
        throw new OperationInProgress(
          `Whether the last subscription of the customer '${customer.id}' was created is not known yet.`,
        );
      }
    }
    if (request.payment_method !== undefined)
      await this.firstPayments.useCard(customer.id, request.payment_method, claim);
    else if (customer.default_payment_method === null && chargesAtOnce(params, offer))
      throw new PaymentMethodRequired(customer.id);
    await claim.renew();
    const subscription = await this.commands.run('subscription.create', params, customer.id);
    if (subscription.status === 'incomplete')
      await this.firstPayments.refuseDeclined(subscription, customer, request.payment_method);
    return subscription.id;
  }

  /** Ended ones too. Which group a subscription is of, its plan says. */
  private async ofGroup(customer: string, group: string): Promise<Subscription[]> {
    const subscriptions = await this.transactions.reader().find(Subscription, { customer, deleted: false });
    return subscriptions.filter(({ items }) =>
      items.some(({ plan }) => plan !== null && this.catalog.plans.get(plan)?.group === group),
    );
  }

  /** Paid first, resumed then: else a card that is refused would be given days of grace. https://docs.stripe.com/api/subscriptions/resume */
  private async unpause({ subscription, run }: Turn): Promise<void> {
    const { id, customer, default_payment_method } = subscription;
    const payer = await findCustomer(this.transactions.reader(), customer);
    if (default_payment_method === null && payer.default_payment_method === null)
      throw new PaymentMethodRequired(customer);
    const resumed = await run('subscription.resume', { id, payment_behavior: 'resume_on_payment_success' });
    if (resumed.status !== 'paused' || typeof resumed.latest_invoice !== 'string') return;
    const decline = await this.payments.decline(resumed.latest_invoice);
    if (decline) throw decline;
  }

  private checkGroup(plan: string | null, offer: Offer): void {
    const group = plan === null ? undefined : this.catalog.plans.get(plan)?.group;
    if (group === undefined || group === offer.plan.group) return;
    throw new InvalidInput([
      { pointer: '/plan', detail: `'${offer.plan.id}' is of another group than ${plan} ('${group}').` },
    ]);
  }
}

/** `cancel_at` may be set while `cancel_at_period_end` is false, and both cannot be sent at once. */
async function undoCancellation({ subscription: { id, cancel_at_period_end }, run }: Turn): Promise<void> {
  await run('subscription.update', cancel_at_period_end ? { id, cancel_at_period_end: false } : { id, cancel_at: '' });
}
