import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { Emails } from './emails.js';

/** Tells the operator, who is no customer: by ALERT_EMAIL. */
@Injectable()
export class AlertEmails {
  private readonly to: string | null;

  constructor(
    private readonly emails: Emails,
    @Inject(ENV) env: Runtime,
  ) {
    this.to = env.alertEmail;
  }

  @OnDomainEvent({ listener: 'notifications.alerts', to: ['alert.raised', 'alert.resolved'] })
  async tell(em: EntityManager, event: DomainEvent<'alert.raised' | 'alert.resolved'>): Promise<void> {
    if (this.to === null) return;
    const { name, text, resolved_at } = event.data;
    const occasion = { effect: 'alert', business_key: event.id, customer: null, operator: this.to } as const;
    const facts = { name, text, resolved_at: resolved_at === null ? null : new Date(resolved_at) };
    await this.emails.send(em, occasion, facts);
  }
}
