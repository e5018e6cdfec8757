import { Injectable } from '@nestjs/common';
import { Failure } from '../errors/failure.js';
import { Clock } from '../database/clock.js';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { StripeApi } from '../stripe/stripe-api.js';
import { StripeObjectMissing } from '../stripe/stripe.errors.js';
import type { Priority } from '../stripe/rate-budget.js';
import { MirrorRegistry } from './mirror-registry.js';
import { keyOf } from './mirror-rows.js';
import type { RowKey } from './mirror-rows.js';
import { Mirror } from './mirror.js';
import type { Bringing, FetchedSnapshot } from './mirror.js';
import type { StripeObject } from './mirrored-object.js';

const ROUNDS = 5;
const AT_ONCE = 8;

/** The object keeps changing faster than it can be read; what asked for it is tried again later. */
export class ObjectRestless extends Failure {
  readonly code = 'object_restless';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 2;
  constructor(keys: string[]) {
    super(`${keys.join(', ')} changed during each of ${ROUNDS} attempts to read it from Stripe.`);
  }
}

/** Brings objects to what Stripe holds now: fetched outside any transaction, written through the mirror. */
@Injectable()
export class Refetch {
  constructor(
    private readonly api: StripeApi,
    private readonly mirror: Mirror,
    private readonly registry: MirrorRegistry,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** @returns what Stripe answered, by `keyOf`; an object that Stripe does not know (any more) is null. */
  async refresh(
    keys: RowKey[],
    cause: (key: RowKey) => string | null,
    priority: Priority = 'background',
    bringing: Bringing = {},
  ): Promise<Map<string, StripeObject | null>> {
    const answers = new Map<string, StripeObject | null>();
    let open = [...new Map(keys.map((key) => [keyOf(key), key])).values()];
    for (let round = 0; open.length > 0 && round < ROUNDS; round++) {
      const revisions = await this.mirror.revisions(this.transactions.reader(), open);
      const fetched = await this.fetchAll(
        open,
        (key) => ({ revision: revisions.get(keyOf(key)) ?? null, cause: cause(key) }),
        priority,
      );
      failpoint('refetch.answered');
      for (const one of fetched) answers.set(keyOf(one), one.snapshot);
      open = await this.transactions.run((em) => this.mirror.writeFetched(em, fetched, bringing));
    }
    if (open.length > 0) throw new ObjectRestless(open.map(keyOf));
    return answers;
  }

  private async fetchAll(
    keys: RowKey[],
    known: (key: RowKey) => Pick<FetchedSnapshot, 'revision' | 'cause'>,
    priority: Priority,
  ): Promise<FetchedSnapshot[]> {
    const fetched: FetchedSnapshot[] = [];
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const slice = keys.slice(start, start + AT_ONCE);
      fetched.push(
        ...(await Promise.all(slice.map(async (key) => ({ ...(await this.fetch(key, priority)), ...known(key) })))),
      );
    }
    return fetched;
  }

  private async fetch(key: RowKey, priority: Priority): Promise<Omit<FetchedSnapshot, 'revision' | 'cause'>> {
    const definition = this.registry.get(key.object);
    try {
      const { object, as_of, as_of_max } = await this.api.read(
        (stripe) => definition.retrieve(stripe, key.id),
        priority,
      );
      const gone = 'deleted' in object && object.deleted === true;
      return { ...key, snapshot: gone || !('object' in object) ? null : object, as_of, as_of_max };
    } catch (error) {
      if (!(error instanceof StripeObjectMissing)) throw error;
      const now = this.clock.now();
      return { ...key, snapshot: null, as_of: now, as_of_max: now };
    }
  }
}
