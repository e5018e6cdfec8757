import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Clock } from '../database/clock.js';
import { databaseNow } from '../database/database-now.js';
import { newId } from '../database/ids.js';
import { lockNames } from '../database/named-locks.js';
import { EventBus } from '../events/event-bus.js';
import { Alert } from './alert.entity.js';
import { readReadings } from './alert-readings.js';
import type { AlertsFile } from './alerts-file.js';
import { judgeAlerts } from './judge-alerts.js';
import type { Verdict } from './judge-alerts.js';

/** Raises alerts and ends them; each is published once when it begins and once when it is over. */
@Injectable()
export class Alerts {
  constructor(
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /** Compares what holds now with the rules. Two at once would raise one alert twice, so the second waits for the first. */
  async check(em: EntityManager, { alerts: rules, resolve_after_minutes }: AlertsFile): Promise<void> {
    await lockNames(em, ['alerts']);
    const now = await databaseNow(em);
    const verdicts = judgeAlerts(rules, await readReadings(em, rules));
    const open = await em.find(Alert, { resolved_at: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    for (const verdict of verdicts) {
      const known = open.find(({ name }) => name === verdict.name);
      if (known) Object.assign(known, { text: verdict.text, value: verdict.value, last_true_at: now });
      else await this.raise(em, verdict, now);
    }
    for (const alert of open) if (alert.isOver(now, resolve_after_minutes)) await this.resolve(em, alert, now);
  }

  private async raise(em: EntityManager, verdict: Verdict, now: Date): Promise<void> {
    const alert = em.create(Alert, {
      ...verdict,
      id: newId('alt'),
      created_at: now,
      last_true_at: now,
      resolved_at: null,
    });
    await this.tell(em, 'alert.raised', alert);
  }

  private async resolve(em: EntityManager, alert: Alert, now: Date): Promise<void> {
    alert.resolved_at = now;
    await this.tell(em, 'alert.resolved', alert);
  }

  private async tell(em: EntityManager, type: 'alert.raised' | 'alert.resolved', alert: Alert): Promise<void> {
    const { id, name, text, value, created_at, resolved_at } = alert;
    const data = {
      alert: id,
      name,
      text,
      value,
      raised_at: created_at.toISOString(),
      resolved_at: resolved_at?.toISOString() ?? null,
    };
    const occurred_at = this.clock.now();
    await this.bus.publish(em, [
      { type, customer: null, object: id, data, occurred_at, cause: null, key: `${type} ${id}` },
    ]);
  }
}
