import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Catalog } from '../catalog/catalog.js';
import { Price } from '../catalog/price.entity.js';
import type { Customer } from '../customers/customer.entity.js';
import { findCustomer } from '../customers/customers.js';
import { Transactions } from '../database/transactions.js';
import { InvalidInput, NotFound } from '../errors/failure.js';
import { Commands } from '../mirror/commands.js';
import { Refetch } from '../mirror/refetch.js';
import { Operation } from '../stripe/operation.entity.js';
import type { OperationKind, OperationParams } from '../stripe/operations.js';
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
  ChangeInProgress,
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

type ChangeKind = 'subscription.update' | 'subscription.cancel' | 'subscription.resume';

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
    private readonly refetch: Refetch,
    private readonly transactions: Transactions,
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
    await this.changing(id, async (subscription) => {
      if (hasEnded(subscription.status)) return;
      if (subscription.status === 'incomplete') await this.firstPayments.giveUp(subscription);
      else if (at === 'now') await this.command('subscription.cancel', { id }, subscription);
      else await this.command('subscription.update', { id, cancel_at_period_end: true }, subscription);
    });
  }

  /**
   * Undoes a scheduled cancellation, or begins a new, paid period of a paused subscription.
   * @throws CardDeclined when that payment is refused: then it stays paused
   */
  async resume(id: string): Promise<void> {
    await this.changing(id, async (subscription) => {
      if (hasEnded(subscription.status)) throw new SubscriptionEnded(id, subscription.status);
      if (subscription.cancel_at !== null) await this.undoCancellation(subscription);
      if (subscription.status === 'paused') await this.unpause(subscription);
      else if (!isChangeable(subscription.status)) throw new SubscriptionNotReady(id, subscription.status, 'resumed');
    });
  }

  /** To another plan of the same group, interval or quantity; see `changeOf` for when it is charged. */
  async change(id: string, request: ChangeRequest): Promise<void> {
    await this.changing(id, async (subscription) => {
      const { status, currency, plan } = subscription;
      if (hasEnded(status)) throw new SubscriptionEnded(id, status);
      const item = mainItem(subscription);
      if (!item || !isChangeable(status)) throw new SubscriptionNotReady(id, status, 'changed');
      const em = this.transactions.reader();
      const price = await em.findOneOrFail(Price, item.price);
      const interval = request.interval ?? price.recurring_interval ?? 'month';
      const offer = await this.offers.find(em, { plan: request.plan, interval, currency }, null);
      this.checkGroup(plan, offer);
      const quantity = request.quantity ?? item.quantity;
      if (offer.price.id === price.id && quantity === item.quantity) return;
      const params = changeOf(
        subscription,
        item.id,
        { price, quantity: item.quantity },
        { price: offer.price, quantity },
      );
      await this.command('subscription.update', params, subscription);
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

  /** `cancel_at` may be set while `cancel_at_period_end` is false, and both cannot be sent at once. */
  private async undoCancellation(subscription: Subscription): Promise<void> {
    const { id, cancel_at_period_end } = subscription;
    await this.command(
      'subscription.update',
      cancel_at_period_end ? { id, cancel_at_period_end: false } : { id, cancel_at: '' },
      subscription,
    );
  }

  /** Paid first, resumed then: else a card that is refused would be given days of grace. https://docs.stripe.com/api/subscriptions/resume */
  private async unpause(subscription: Subscription): Promise<void> {
    const { id, customer, default_payment_method } = subscription;
    const payer = await findCustomer(this.transactions.reader(), customer);
    if (default_payment_method === null && payer.default_payment_method === null)
      throw new PaymentMethodRequired(customer);
    const resumed = await this.command(
      'subscription.resume',
      { id, payment_behavior: 'resume_on_payment_success' },
      subscription,
    );
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

  /** What is decided is decided on what Stripe holds now: its last event may still be on its way. */
  private async changing(id: string, work: (subscription: Subscription) => Promise<void>): Promise<void> {
    const { customer } = await findSubscription(this.transactions.reader(), id);
    const busy = () => new ChangeInProgress(id);
    await this.claims.hold({ customer, subject: id }, busy, async () => {
      await this.refetch.refresh([{ object: 'subscription', id }], () => null, 'user');
      await work(await findSubscription(this.transactions.reader(), id));
    });
  }

  /** @throws OperationInProgress while it is not known what became of an earlier command */
  private async command<K extends ChangeKind>(kind: K, params: OperationParams<K>, { id, customer }: Subscription) {
    if (!(await this.commands.begun(kind, params)) && (await this.isInDoubt(customer, id))) {
      throw new OperationInProgress(`What became of the last change of the subscription '${id}' is not known yet.`);
    }
    return this.commands.run(kind, params, customer);
  }

  private async isInDoubt(customer: string, id: string): Promise<boolean> {
    const kinds: OperationKind[] = ['subscription.update', 'subscription.cancel', 'subscription.resume'];
    const open = await this.transactions
      .reader()
      .find(Operation, { customer, status: 'started', kind: { $in: kinds } });
    return open.some(({ params }) => 'id' in params && params.id === id);
  }
}

/** @throws NotFound */
export async function findSubscription(em: EntityManager, id: string): Promise<Subscription> {
  const subscription = await em.findOne(Subscription, { id, deleted: false });
  if (!subscription) throw new NotFound('subscription', id);
  return subscription;
}
