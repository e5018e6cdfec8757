import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Catalog } from '../catalog/catalog.js';
import { Clock } from '../database/clock.js';
import { newId } from '../database/ids.js';
import { lockNames } from '../database/named-locks.js';
import { EventBus } from '../events/event-bus.js';
import { Due } from '../jobs/due.js';
import { accessChanged, diffAccess, hasOtherRules, isEmpty } from './access-diff.js';
import type { AccessDiff } from './access-diff.js';
import { readFacts } from './access-facts.js';
import { notifyAccess } from './access-notices.js';
import type { AccessState } from './access.entity.js';
import { basisOf } from './basis.js';
import { deriveAccess } from './derive-access.js';
import type { DerivedAccess } from './entitlement.js';
import { Policies } from './policies.js';
import type { SubscriptionFacts } from './verdict.js';

interface StoredAccess extends AccessState {
  customer: string;
  next_change_at: string | null;
  basis: string;
}

interface Step {
  customer: string;
  before: StoredAccess | null;
  after: DerivedAccess;
  diff: AccessDiff;
  cause: string | null;
}

interface Tables {
  access: {
    customer: string;
    entitlements: string;
    summary: string;
    next_change_at: Date | null;
    basis: string;
    computed_at: Date;
    cause: string | null;
  };
  access_changes: {
    id: string;
    customer: string;
    at: Date;
    before: string | null;
    after: string;
    cause: string | null;
  };
}

/** Derives access anew, in bulk, in the transaction of the change that asked for it. */
@Injectable()
export class AccessDerivation {
  /** Rows of another basis are out of date. */
  readonly basis: string;

  constructor(
    private readonly catalog: Catalog,
    private readonly policies: Policies,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly bus: EventBus,
  ) {
    this.basis = basisOf(catalog, policies);
  }

  /**
   * Brings the access of these customers up to date; a handful of statements however many they are. Publishes
   * `access.changed` where something is allowed that was not, or the reverse, or has another value.
   * @param causes by customer: the Stripe event, operation or reconciliation that asked for it; null: time.
   */
  async recompute(em: EntityManager, causes: ReadonlyMap<string, string | null>): Promise<void> {
    const customers = [...causes.keys()];
    if (customers.length === 0) return;
    const names = customers.map((customer) => `access ${customer}`);
    await lockNames(em, names);
    const facts = await readFacts(em, customers);
    const stored = await readAccess(em, customers);
    const now = this.clock.now();
    const steps = customers.map((customer): Step => {
      const before = stored.get(customer) ?? null;
      const after = this.derive(facts.get(customer) ?? [], now);
      return { customer, before, after, diff: diffAccess(before, after), cause: causes.get(customer) ?? null };
    });
    await this.write(
      em,
      steps.filter((step) => this.isNews(step)),
      now,
    );
    await this.setDue(em, steps);
  }

  /** The truth of this moment, of a customer whose row is out of date or not there; writes nothing. */
  async peek(em: EntityManager, customer: string): Promise<DerivedAccess> {
    const facts = await readFacts(em, [customer]);
    return this.derive(facts.get(customer) ?? [], this.clock.now());
  }

  private derive(subscriptions: SubscriptionFacts[], now: Date): DerivedAccess {
    return deriveAccess({ subscriptions, catalog: this.catalog, policies: this.policies, now });
  }

  private isNews({ before, after }: Step): boolean {
    if (before === null || before.basis !== this.basis) return true;
    return (
      !isDeepStrictEqual(stateOf(before), stateOf(after)) ||
      momentOf(before.next_change_at) !== after.next_change_at?.getTime()
    );
  }

  private async write(em: EntityManager, steps: Step[], now: Date): Promise<void> {
    if (steps.length === 0) return;
    await this.writeAccess(em, steps, now);
    await writeHistory(em, steps.filter(isHistory), now);
    const told = steps.filter(({ diff }) => !isEmpty(diff));
    await this.bus.publish(
      em,
      told.map(({ customer, diff, after, cause }) => accessChanged(customer, diff, after, now, cause)),
    );
    await notifyAccess(
      em,
      steps.map(({ customer }) => customer),
    );
  }

  private async writeAccess(em: EntityManager, steps: Step[], computed_at: Date): Promise<void> {
    const rows = steps.map(({ customer, after, cause }) => ({
      customer,
      entitlements: JSON.stringify(after.entitlements),
      summary: JSON.stringify(after.summary),
      next_change_at: after.next_change_at,
      basis: this.basis,
      computed_at,
      cause,
    }));
    const updated = ['entitlements', 'summary', 'next_change_at', 'basis', 'computed_at', 'cause'] as const;
    await em
      .getKysely<Tables>()
      .insertInto('access')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .column('customer')
          .doUpdateSet((row) => Object.fromEntries(updated.map((column) => [column, row.ref(`excluded.${column}`)]))),
      )
      .execute();
  }

  /** Set again even when it is the same: the moment may have passed elsewhere, on a clock a little ahead of this one. */
  private async setDue(em: EntityManager, steps: Step[]): Promise<void> {
    const job = 'access.recompute';
    const coming = steps.flatMap(({ customer, after: { next_change_at: moment } }) =>
      moment ? [{ job, key: customer, data: { customer }, at: moment } as const] : [],
    );
    await this.due.setAll(em, coming);
    const over = steps.filter(({ before, after }) => before?.next_change_at && !after.next_change_at);
    await this.due.clear(em, job, ...over.map(({ customer }) => customer));
  }
}

function stateOf({ entitlements, summary }: AccessState): AccessState {
  return { entitlements, summary };
}

async function readAccess(em: EntityManager, customers: string[]): Promise<Map<string, StoredAccess>> {
  const { rows } = await sql<StoredAccess>`
    select customer, entitlements, summary, next_change_at, basis from access where customer = any(${customers}::text[])`.execute(
    em.getKysely(),
  );
  return new Map(rows.map((row) => [row.customer, row]));
}

function isHistory({ before, after, diff }: Step): boolean {
  return !isEmpty(diff) || (before !== null && hasOtherRules(before, after));
}

async function writeHistory(em: EntityManager, steps: Step[], at: Date): Promise<void> {
  if (steps.length === 0) return;
  const rows = steps.map(({ customer, before, after, cause }) => ({
    id: newId('acc'),
    customer,
    at,
    before: before && JSON.stringify(stateOf(before)),
    after: JSON.stringify(stateOf(after)),
    cause,
  }));
  await em.getKysely<Tables>().insertInto('access_changes').values(rows).execute();
}

function momentOf(text: string | null): number | undefined {
  return text === null ? undefined : new Date(text).getTime();
}
