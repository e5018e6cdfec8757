import { Entity, Index, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import type { Effect } from './templates.js';

export type EmailStatus = 'queued' | 'sent' | 'failed' | 'skipped';

/** One e-mail per effect and business key: also one that was not sent, with the reason. */
@Entity({ tableName: 'emails' })
@Unique({ properties: ['effect', 'business_key'] })
@Index({ properties: ['customer', 'id'] })
export class Email {
  @PrimaryKey({ type: 'text' })
  id!: string;

  /** What it is for; also the name of its template. */
  @Property({ type: 'text' })
  effect!: Effect;

  /** What it is about: two e-mails of one effect never have the same. */
  @Property({ type: 'text' })
  business_key!: string;

  /** Stripe's id; null for the payment of a guest. */
  @Property({ type: 'text', nullable: true })
  customer!: string | null;

  @Property({ type: 'text', nullable: true })
  @Index()
  subscription!: string | null;

  @Property({ type: 'text', nullable: true })
  invoice!: string | null;

  @Property({ type: 'text', nullable: true })
  payment!: string | null;

  /** Null, as the contents are, when it was decided at once that nothing is sent. */
  @Property({ type: 'text', nullable: true })
  to!: string | null;

  /** BCP 47; the language is one that there are words in. */
  @Property({ type: 'text' })
  locale!: string;

  @Property({ type: 'text', nullable: true })
  subject!: string | null;

  @Property({ type: 'text', nullable: true })
  html!: string | null;

  @Property({ type: 'text', nullable: true })
  text!: string | null;

  /** The same however often it is sent, so that a receiver may drop the second copy. */
  @Property({ type: 'text' })
  message_id!: string;

  @Property({ type: 'text' })
  status!: EmailStatus;

  /** Where it went: to the SMTP server, or into the mailbox; null until it is sent. */
  @Property({ type: 'text', nullable: true })
  via!: 'smtp' | 'mailbox' | null;

  @Property({ type: 'integer' })
  attempts!: number;

  /** Why it was skipped or failed, or what the last attempt ran into. */
  @Property({ type: 'text', nullable: true })
  error!: string | null;

  /** Business time. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created_at!: Date;

  /** Business time. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  sent_at!: Date | null;

  isDone(): boolean {
    return this.status === 'sent' || this.status === 'skipped';
  }

  /** @param to where the customer is reached now */
  begin(to: string | null): void {
    this.attempts += 1;
    this.to = to;
  }

  note(error: string): void {
    this.error = error;
  }

  markSent(via: 'smtp' | 'mailbox', at: Date): void {
    Object.assign(this, { status: 'sent', via, sent_at: at, error: null });
  }

  markSkipped(reason: string): void {
    Object.assign(this, { status: 'skipped', error: reason });
  }

  markFailed(reason: string): void {
    Object.assign(this, { status: 'failed', error: reason });
  }
}
