import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Runtime } from '../../config/runtime.js';
import { Clock } from '../database/clock.js';
import { ENV } from '../database/env.token.js';
import { newId } from '../database/ids.js';
import { Due } from '../jobs/due.js';
import { JobQueue } from '../jobs/job-queue.js';
import { Email } from './email.entity.js';
import type { RenderedEmail } from './render-email.js';
import { senderOf } from './sender.js';
import { addresseeOf } from './still-true.js';
import type { Effect, EmailFacts } from './templates.js';
import { Wording } from './wording.js';

/** What an e-mail is about. One is sent per `effect` and `business_key`, however often it is asked for. */
export interface Occasion<E extends Effect = Effect> {
  effect: E;
  business_key: string;
  /** Stripe's id; null: nobody can be written to, which is recorded. */
  customer: string | null;
  subscription?: string | null;
  invoice?: string | null;
  payment?: string | null;
  /** The operator's address, for what is no customer's business. */
  operator?: string;
}

type Draft = Pick<
  Email,
  | ('id' | 'effect' | 'business_key' | 'customer' | 'subscription' | 'invoice' | 'payment' | 'to')
  | ('locale' | 'message_id' | 'status' | 'attempts' | 'created_at')
> & { error?: string };

/** Decides e-mails: writes the row and enqueues the sending in the caller's transaction. */
@Injectable()
export class Emails {
  private readonly brand: string;
  private readonly domain: string;

  constructor(
    private readonly jobs: JobQueue,
    private readonly due: Due,
    private readonly clock: Clock,
    @Inject(ENV) env: Runtime,
  ) {
    ({ brand: this.brand, domain: this.domain } = senderOf(env.mail.from));
  }

  /**
   * @param at business time; now if left out
   * @throws NotMirroredYet when the customer is not known yet
   */
  async send<E extends Effect>(
    em: EntityManager,
    occasion: Occasion<E>,
    facts: EmailFacts[E],
    at?: Date,
  ): Promise<void> {
    const draft = this.draft(occasion);
    const addressee = await addresseeOf(em, draft);
    if ('skip' in addressee) return this.skip(em, occasion, addressee.skip);

    const { email: to, locale, name } = addressee.to;
    const words = new Wording(locale);
    // Loaded with the first e-mail: the renderer alone is a fifth of what a start has to load.
    const { renderEmail } = await import('./render-email.js');
    const rendered = await renderEmail(occasion.effect, facts, { words, brand: this.brand, name });
    const fresh = await this.record(em, { ...draft, ...rendered, to, locale: words.locale });
    if (fresh) await this.enqueue(em, draft.id, at);
  }

  /** Records that nothing is sent, and why. */
  async skip(em: EntityManager, occasion: Occasion, reason: string): Promise<void> {
    await this.record(em, { ...this.draft(occasion), status: 'skipped', error: reason });
  }

  /** The last e-mail to a customer among those of the given effects, skipped ones aside. */
  latest(em: EntityManager, customer: string, effects: Effect[]): Promise<Email | null> {
    return em.findOne(
      Email,
      { customer, effect: { $in: effects }, status: { $ne: 'skipped' } },
      { orderBy: { id: 'desc' } },
    );
  }

  private draft({ effect, business_key, customer, subscription, invoice, payment, operator }: Occasion): Draft {
    const id = newId('eml');
    return {
      id,
      effect,
      business_key,
      customer,
      subscription: subscription ?? null,
      invoice: invoice ?? null,
      payment: payment ?? null,
      to: operator ?? null,
      locale: 'en',
      message_id: `<${id}@${this.domain}>`,
      status: 'queued',
      attempts: 0,
      created_at: this.clock.now(),
    };
  }

  /** False when it was recorded before. */
  private async record(em: EntityManager, row: Draft & Partial<RenderedEmail>): Promise<boolean> {
    const recorded = await em
      .getKysely<{ emails: Draft & Partial<RenderedEmail> }>()
      .insertInto('emails')
      .values(row)
      .onConflict((conflict) => conflict.columns(['effect', 'business_key']).doNothing())
      .returning('id')
      .execute();
    return recorded.length > 0;
  }

  private async enqueue(em: EntityManager, email: string, at: Date | undefined): Promise<void> {
    if (at) await this.due.set(em, { job: 'email.send', key: email, data: { email }, at });
    else await this.jobs.enqueue(em, 'email.send', { email });
  }
}
