import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { graceEnd } from '../access/grace.js';
import { Policies } from '../access/policies.js';
import type { Reminder } from '../access/policies-file.js';
import { Clock } from '../database/clock.js';
import { Due } from '../jobs/due.js';
import type { Invoice } from '../payments/invoice.entity.js';
import { Subscription } from '../subscriptions/subscription.entity.js';
import { oldestOpenInvoice } from './mirrored-rows.js';
import { whyNotOwed } from './owed.js';

const DAY_MS = 86_400_000;

/** The invoice that holds a subscription's access in suspense, and when grace ends. */
export interface Arrears {
  invoice: Invoice;
  access_until: Date;
}

/** The reminders between a failed payment and the end of grace, as `config/policies.yaml` says. */
@Injectable()
export class Dunning {
  constructor(
    private readonly policies: Policies,
    private readonly due: Due,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets or clears the moments of all steps by what the mirror says now, so that it may be called after every event and in
   * any order. A step that is past is due at once; it is sent once, by its event's key.
   */
  async plan(em: EntityManager, subscription: string): Promise<void> {
    const arrears = await this.arrears(em, subscription);
    const steps = this.policies.dunning.reminders;
    if (!arrears) {
      await this.due.clear(em, 'dunning.remind', ...steps.map((step) => keyOf(subscription, step)));
      return;
    }
    const things = steps.map((step) => ({
      job: 'dunning.remind' as const,
      key: keyOf(subscription, step),
      data: { subscription, step: step.id },
      at: new Date(arrears.access_until.getTime() - step.days_before_access_ends * DAY_MS),
    }));
    await this.due.setAll(em, this.withoutOvertaken(things));
  }

  /** Null when nothing is owed, or access does not hang on it any more. */
  async arrears(em: EntityManager, subscriptionId: string): Promise<Arrears | null> {
    const subscription = await em.findOne(Subscription, subscriptionId);
    const invoice = await oldestOpenInvoice(em, subscriptionId);
    if (!subscription || !invoice?.finalized_at) return null;
    if (subscription.status === 'unpaid' || whyNotOwed(invoice, subscription) !== null) return null;
    const access_until = graceEnd(invoice.finalized_at, this.policies);
    return access_until > this.clock.now() ? { invoice, access_until } : null;
  }

  /** Of the steps that are past, only the last one is still of use. */
  private withoutOvertaken<T extends { at: Date }>(things: T[]): T[] {
    const now = this.clock.now();
    const past = things.filter(({ at }) => at <= now).toSorted((a, b) => b.at.getTime() - a.at.getTime());
    return things.filter((thing) => thing.at > now || thing === past[0]);
  }
}

function keyOf(subscription: string, { id }: Reminder): string {
  return `${subscription}:${id}`;
}
