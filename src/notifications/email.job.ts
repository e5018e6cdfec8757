import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { Clock } from '../database/clock.js';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { GiveUp } from '../jobs/give-up.js';
import { jobs } from '../jobs/jobs.js';
import type { JobData } from '../jobs/jobs.js';
import { OnJob } from '../jobs/on-job.js';
import { Email } from './email.entity.js';
import { Mailer, refusalOf } from './mailer.js';
import { addresseeOf } from './still-true.js';

/**
 * Sends one e-mail. A process that dies between the server's "250 OK" and our commit sends it again: SMTP allows no more
 * than at-least-once, and the second copy carries the same Message-ID.
 */
@Injectable()
export class EmailJob {
  constructor(
    private readonly transactions: Transactions,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
  ) {}

  /** A failed e-mail is tried again if its job is taken out of the dead letters. */
  @OnJob('email.send')
  async send({ email: id }: JobData<'email.send'>): Promise<void> {
    const email = await this.begin(id);
    if (!email) return;
    try {
      failpoint('email.begun');
      const via = await this.mailer.deliver(email);
      failpoint('email.accepted');
      await this.change(id, (row) => row.markSent(via, this.clock.now()));
    } catch (error) {
      await this.fail(email, error);
    }
  }

  /** Null when there is nothing to send any more. */
  private begin(id: string): Promise<Email | null> {
    return this.transactions.run(async (em) => {
      const email = await em.findOne(Email, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!email) throw new GiveUp(`There is no e-mail ${id}.`);
      if (email.isDone()) return null;
      const addressee = await addresseeOf(em, email);
      if ('to' in addressee) {
        email.begin(addressee.to.email);
        return email;
      }
      email.markSkipped(addressee.skip);
      return null;
    });
  }

  private async fail(email: Email, error: unknown): Promise<never> {
    const refusal = refusalOf(error);
    const last = email.attempts > jobs['email.send'].retry.limit;
    const reason = refusal ?? String(error);
    await this.change(email.id, (row) => (refusal || last ? row.markFailed(reason) : row.note(reason)));
    if (refusal) throw new GiveUp(`The SMTP server refused ${email.id}: ${refusal}`);
    throw error;
  }

  private change(id: string, change: (email: Email) => void): Promise<void> {
    return this.transactions.run(async (em) => {
      change(await em.findOneOrFail(Email, id, { lockMode: LockMode.PESSIMISTIC_WRITE }));
    });
  }
}
