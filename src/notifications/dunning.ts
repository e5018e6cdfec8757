import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { graceEnd } from '../access/grace.js';
import { Policies } from '../access/policies.js';
import type { Reminder } from '../access/policies-file.js';
import { Clock } from '../database/clock.js';
import { Due } from '../jobs/due.js';
import type { DueThing } from '../jobs/due.js';
import type { Invoice } from '../payments/invoice.entity.js';
import { Subscription } from '../subscriptions/subscription.entity.js';
import { oldestOpenInvoices } from './mirrored-rows.js';
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
   * @param subscriptions each once
   */
  async plan(em: EntityManager, subscriptions: string[]): Promise<void> {
    const arrears = await this.arrearsOf(em, subscriptions);
    const steps = this.policies.dunning.reminders;
    const settled = subscriptions.filter((id) => !arrears.has(id));
    const over = settled.flatMap((id) => steps.map((step) => keyOf(id, step)));
    await this.due.clear(em, 'dunning.remind', ...over);
    const things = [...arrears].flatMap(([id, { access_until }]) => this.reminders(id, access_until));
    await this.due.setAll(em, things);
  }

  /** Null when nothing is owed, or access does not hang on it any more. */
  async arrears(em: EntityManager, subscription: string): Promise<Arrears | null> {
    return (await this.arrearsOf(em, [subscription])).get(subscription) ?? null;
  }

  private async arrearsOf(em: EntityManager, subscriptions: string[]): Promise<Map<string, Arrears>> {
    const rows = await em.find(Subscription, { id: { $in: subscriptions } });
    const oldest = await oldestOpenInvoices(em, subscriptions);
    const found = new Map<string, Arrears>();
    for (const subscription of rows) {
      const invoice = oldest.get(subscription.id);
      if (!invoice?.finalized_at) continue;
      if (subscription.status === 'unpaid' || whyNotOwed(invoice, subscription) !== null) continue;
      const access_until = graceEnd(invoice.finalized_at, this.policies);
      if (access_until > this.clock.now()) found.set(subscription.id, { invoice, access_until });
    }
    return found;
  }

  private reminders(subscription: string, access_until: Date): Array<DueThing<'dunning.remind'>> {
    const things = this.policies.dunning.reminders.map((step) => ({
      job: 'dunning.remind' as const,
      key: keyOf(subscription, step),
      data: { subscription, step: step.id },
      at: new Date(access_until.getTime() - step.days_before_access_ends * DAY_MS),
    }));
    return this.withoutOvertaken(things);
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
