import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { MirrorRegistry } from '../mirror/mirror-registry.js';
import type { MirroredObject } from '../mirror/mirrored-object.js';
import { Refetch } from '../mirror/refetch.js';
import { compare } from './compare.js';
import { Difference } from './difference.entity.js';
import type { Finding, Step } from './finding.js';
import { MirroredRows } from './mirrored-rows.js';
import type { Reconciliation } from './reconciliation.entity.js';
import { allowanceFor, decideRepairs, takesAccess } from './repair-limit.js';
import { StripeObjects } from './stripe-objects.js';
import type { Seen } from './stripe-objects.js';
import { firstPage, listedBy, nextPage, spanOf, SweepCursor } from './sweep-cursor.js';

/** How many rows that a list leaves out are asked for one by one in a step. */
const UNLISTED_PER_STEP = 50;

/** Compares every mirrored object with what Stripe holds, a page of Stripe's lists per step. */
@Injectable()
export class ObjectSweep {
  constructor(
    private readonly objects: StripeObjects,
    private readonly refetch: Refetch,
    private readonly registry: MirrorRegistry,
    private readonly rows: MirroredRows,
    private readonly transactions: Transactions,
  ) {}

  async step(run: Reconciliation): Promise<Step> {
    const cursor = run.cursor === null ? await this.begin(this.listable()[0]) : SweepCursor.parse(run.cursor);
    if (cursor === null) return { checked: 0, findings: [], repair: async () => {}, next: null };
    const definition = this.registry.get(cursor.object);
    const page = await this.objects.page(definition, cursor.after);
    // The object we stood at was deleted: this type begins anew.
    if (page === null) return { checked: 0, findings: [], repair: async () => {}, next: await this.begin(definition) };

    const unlisted = await this.rows.unlisted(
      definition.table,
      spanOf(cursor, page.seen, page.has_more),
      listedBy(cursor, page.seen),
      cursor.unlisted,
      UNLISTED_PER_STEP,
    );
    // A list may leave out what exists (Stripe lists payment methods by their customers only), so each is asked for.
    const asked = await Promise.all(unlisted.map((id) => this.objects.retrieve(definition, id)));
    const seen = cursor.unlisted === null ? [...page.seen, ...asked] : asked;
    const findings = await this.findingsOf(run, definition, seen, cursor.allowance);
    const next =
      unlisted.length === UNLISTED_PER_STEP
        ? { ...cursor, unlisted: unlisted.at(-1) ?? null }
        : page.has_more
          ? nextPage(cursor, page.seen)
          : await this.begin(this.after(definition));
    return { checked: seen.length, findings, repair: () => this.repair(run, findings), next };
  }

  private async findingsOf(
    run: Reconciliation,
    definition: MirroredObject,
    seen: Seen[],
    allowance: number,
  ): Promise<Finding[]> {
    const rows = await this.rows.load(
      definition.table,
      seen.map(({ id }) => id),
    );
    const found = seen.flatMap(({ id, columns, as_of_max }) => {
      const row = rows.get(id) ?? null;
      // An event was quicker than our look: the row is the newer of the two.
      const comparison = row && as_of_max && row.as_of_max > as_of_max ? null : compare(row, columns);
      if (!comparison) return [];
      const whose = columns ?? row;
      const takes_access = takesAccess(definition.object, comparison);
      return [{ id, comparison, takes_access, customer: whose && definition.customer(whose) }];
    });
    const left = found.length === 0 ? 0 : allowance - (await this.takenBy(run, definition.object));
    return decideRepairs(found, left, run.dry_run).map(({ id, comparison, takes_access, customer, repair }) => ({
      ...comparison,
      object_type: definition.object,
      object_id: id,
      customer,
      takes_access,
      repair,
    }));
  }

  private async repair(run: Reconciliation, findings: Finding[]): Promise<void> {
    const keys = findings
      .filter(({ repair }) => repair === 'repaired')
      .map(({ object_type, object_id }) => ({ object: object_type, id: object_id }));
    await this.refetch.refresh(keys, () => run.id);
  }

  /** How many rows of this type have lost their access in this run. */
  private takenBy(run: Reconciliation, object_type: string): Promise<number> {
    return this.transactions
      .reader()
      .count(Difference, { reconciliation: run.id, object_type, takes_access: true, repair: 'repaired' });
  }

  private async begin(definition: MirroredObject | undefined): Promise<SweepCursor | null> {
    if (!definition) return null;
    return firstPage(definition.object, allowanceFor(await this.rows.count(definition.table)));
  }

  private after(definition: MirroredObject): MirroredObject | undefined {
    const all = this.listable();
    return all[all.indexOf(definition) + 1];
  }

  private listable(): MirroredObject[] {
    return this.registry.all().filter((definition) => definition.list !== undefined);
  }
}
