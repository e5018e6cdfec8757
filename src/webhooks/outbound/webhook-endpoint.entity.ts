import { randomBytes } from 'node:crypto';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { DomainEventType } from '../../events/domain-events.js';
import { matches } from './event-patterns.js';

const HOUR_MS = 3_600_000;
const OLD_SECRET_LIVES_MS = 24 * HOUR_MS;

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

  @Property({ type: 'text', nullable: true })
  description!: string | null;

  @Property({ type: 'text' })
  @Index()
  status!: 'enabled' | 'disabled';

  @Property({ type: 'text', nullable: true })
  disabled_reason!: string | null;

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

  rotateSecret(now: Date): void {
    const expires_at = new Date(now.getTime() + OLD_SECRET_LIVES_MS).toISOString();
    this.old_secrets = [{ secret: this.secret, expires_at }, ...this.validOldSecrets(now)];
    this.secret = newSecret();
  }

  disable(reason: string): void {
    this.status = 'disabled';
    this.disabled_reason = reason;
  }

  enable(): void {
    this.status = 'enabled';
    this.disabled_reason = null;
  }

  private validOldSecrets(now: Date): OldSecret[] {
    return this.old_secrets.filter(({ expires_at }) => new Date(expires_at) > now);
  }
}

/** The form that Standard Webhooks' libraries take. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
