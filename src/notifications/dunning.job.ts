import { Injectable } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { Transactions } from '../database/transactions.js';
import { EventBus } from '../events/event-bus.js';
import type { JobData } from '../jobs/jobs.js';
import { OnJob } from '../jobs/on-job.js';
import { Dunning } from './dunning.js';

/** A step has come: says so, if the customer is still in arrears. */
@Injectable()
export class DunningJob {
  constructor(
    private readonly transactions: Transactions,
    private readonly dunning: Dunning,
    private readonly events: EventBus,
    private readonly clock: Clock,
  ) {}

  @OnJob('dunning.remind')
  remind({ subscription, step }: JobData<'dunning.remind'>): Promise<void> {
    return this.transactions.run(async (em) => {
      const arrears = await this.dunning.arrears(em, subscription);
      if (!arrears) return;
      const { id: invoice, customer, amount_remaining: amount, currency } = arrears.invoice;
      const access_until = arrears.access_until.toISOString();
      await this.events.publish(em, [
        {
          type: 'dunning.reminder_due',
          customer,
          object: subscription,
          data: { subscription, invoice, step, access_until, amount, currency },
          cause: null,
          occurred_at: this.clock.now(),
          key: `dunning.reminder_due/${invoice}/${step}`,
        },
      ]);
    });
  }
}
