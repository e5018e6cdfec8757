import { randomBytes } from 'node:crypto';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { DomainEventType } from '../../events/domain-events.js';
import { matches } from './event-patterns.js';

const DAY_MS = 24 * 3_600_000;
/** Each signs every message, and a header has its limits. */
const MOST_OLD_SECRETS = 3;
/** A delivery is given up after about three days; this is two more. */
const HOPE_MS = 5 * DAY_MS;

export interface OldSecret {
  secret: string;
  /** ISO 8601, UTC; real time. */
  expires_at: string;
}

/** Where a SaaS app hears of domain events. */
@Entity({ tableName: 'webhook_endpoints' })
export class WebhookEndpoint {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  url!: string;

  /** Patterns of event types (event-patterns.ts); an event that any of them matches is sent. */
  @Property({ type: 'json', columnType: 'json' })
  events!: string[];

  /** `thin`: ids alone, so that what is read is what holds when it is read. */
  @Property({ type: 'text', default: 'full' })
  payload!: 'full' | 'thin';

  @Property({ type: 'text', nullable: true })
  description!: string | null;

  @Property({ type: 'text' })
  @Index()
  status!: 'enabled' | 'disabled';

  @Property({ type: 'text', nullable: true })
  disabled_reason!: string | null;

  /** The first failure since the last success; null: the last attempt succeeded. Real time, of the database's clock. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  failing_since!: Date | null;

  /** In clear: a signature is made with the secret itself, so a hash of it would not do. */
  @Property({ type: 'text' })
  secret!: string;

  /** Those before `secret`, newest first; each still signs until it expires, so that the receiver has time to change over. */
  @Property({ type: 'json', columnType: 'json' })
  old_secrets!: OldSecret[];

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created_at!: Date;

  wants(type: DomainEventType): boolean {
    return this.events.some((pattern) => matches(pattern, type));
  }

  /** @param now real time */
  signingSecrets(now: Date): string[] {
    return [this.secret, ...this.validOldSecrets(now).map(({ secret }) => secret)];
  }

  /** From here on no secret but the new one signs for longer than `seconds`. */
  rollSecret(now: Date, seconds: number): void {
    const expires_at = new Date(now.getTime() + seconds * 1000).toISOString();
    const older = this.validOldSecrets(now).map((old) => (old.expires_at < expires_at ? old : { ...old, expires_at }));
    this.old_secrets = [{ secret: this.secret, expires_at }, ...older].slice(0, MOST_OLD_SECRETS);
    this.secret = newSecret();
  }

  /** Whether it has failed for so long, without one success, that nobody seems to be there any more. */
  isHopeless(now: Date): boolean {
    return this.failing_since !== null && now.getTime() - this.failing_since.getTime() >= HOPE_MS;
  }

  disable(reason: string): void {
    this.status = 'disabled';
    this.disabled_reason = reason;
  }

  enable(): void {
    this.status = 'enabled';
    this.disabled_reason = null;
    this.failing_since = null;
  }

  private validOldSecrets(now: Date): OldSecret[] {
    return this.old_secrets.filter(({ expires_at }) => new Date(expires_at) > now);
  }
}

/** The form that Standard Webhooks' libraries take. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
