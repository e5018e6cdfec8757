import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Runtime } from '../../config/runtime.js';
import { Clock } from '../database/clock.js';
import { ENV } from '../database/env.token.js';
import { newId } from '../database/ids.js';
import { Transactions } from '../database/transactions.js';
import { Due } from '../jobs/due.js';
import { JobQueue } from '../jobs/job-queue.js';
import { currentTraceparent } from '../telemetry/tracing.js';
import type { Email } from './email.entity.js';
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

interface Decision {
  row: Draft & Partial<RenderedEmail>;
  /** Business time; undefined: at once. */
  at?: Date | undefined;
  traceparent: string | undefined;
}

type Told = Pick<Email, 'customer' | 'effect' | 'subscription'>;

/** Decides e-mails: writes the row and enqueues the sending in the caller's transaction. */
@Injectable()
export class Emails {
  private readonly brand: string;
  private readonly domain: string;
  private readonly decisions = new WeakMap<EntityManager, Decision[]>();

  constructor(
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
    private readonly due: Due,
    private readonly clock: Clock,
    @Inject(ENV) env: Runtime,
  ) {
    ({ brand: this.brand, domain: this.domain } = senderOf(env.mail.from));
  }

  /**
   * @param at business time; now if left out
   * @returns whether there is one: true also for one that was decided before
   * @throws NotMirroredYet when the customer is not known yet
   */
  async send<E extends Effect>(
    em: EntityManager,
    occasion: Occasion<E>,
    facts: EmailFacts[E],
    at?: Date,
  ): Promise<boolean> {
    const draft = this.draft(occasion);
    const addressee = await addresseeOf(em, draft);
    if ('skip' in addressee) {
      this.skip(em, occasion, addressee.skip);
      return false;
    }

    const { email: to, locale, name } = addressee.to;
    const words = new Wording(locale);
    // Loaded with the first e-mail: the renderer alone is a fifth of what a start has to load.
    const { renderEmail } = await import('./render-email.js');
    const rendered = await renderEmail(occasion.effect, facts, { words, brand: this.brand, name });
    this.decided(em, { row: { ...draft, ...rendered, to, locale: words.locale }, at });
    return true;
  }

  /** Records that nothing is sent, and why. */
  skip(em: EntityManager, occasion: Occasion, reason: string): void {
    this.decided(em, { row: { ...this.draft(occasion), status: 'skipped', error: reason } });
  }

  /** By customer, the last of their e-mails among those of the given effects, skipped ones and those of this transaction aside. */
  async latest(em: EntityManager, customers: string[], effects: Effect[]): Promise<Map<string, Told>> {
    const rows = await em
      .getKysely<{ emails: Told & Pick<Email, 'id' | 'status'> }>()
      .selectFrom('emails')
      .distinctOn('customer')
      .select(['customer', 'effect', 'subscription'])
      .where(sql<boolean>`customer = any(${customers}::text[])`)
      .where('effect', 'in', effects)
      .where('status', '<>', 'skipped')
      .orderBy('customer')
      .orderBy('id', 'desc')
      .execute();
    return new Map(rows.map((row) => [row.customer ?? '', row]));
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

  /** All of a transaction are written when it ends: a listener decides many in one. */
  private decided(em: EntityManager, decision: Omit<Decision, 'traceparent'>): void {
    const decisions = this.decisions.get(em) ?? this.collect(em);
    decisions.push({ ...decision, traceparent: currentTraceparent() });
  }

  private collect(em: EntityManager): Decision[] {
    const decisions: Decision[] = [];
    this.decisions.set(em, decisions);
    this.transactions.beforeCommit(em, () => this.write(em, decisions));
    return decisions;
  }

  private async write(em: EntityManager, decisions: Decision[]): Promise<void> {
    const recorded = await em
      .getKysely<{ emails: Draft & Partial<RenderedEmail> }>()
      .insertInto('emails')
      .values(decisions.map(({ row }) => row))
      .onConflict((conflict) => conflict.columns(['effect', 'business_key']).doNothing())
      .returning('id')
      .execute();
    // The others were decided before.
    const fresh = new Set(recorded.map(({ id }) => id));
    const queued = decisions.filter(({ row }) => row.status === 'queued' && fresh.has(row.id));
    const later = queued.flatMap(({ row: { id: email }, at }) =>
      at ? [{ job: 'email.send' as const, key: email, data: { email }, at }] : [],
    );
    await this.due.setAll(em, later);
    const atOnce = queued.filter(({ at }) => at === undefined);
    await this.jobs.enqueueAll(
      em,
      'email.send',
      atOnce.map(({ row: { id: email }, traceparent }) => ({ data: { email }, traceparent })),
    );
  }
}
