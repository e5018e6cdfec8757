import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { Commands } from '../mirror/commands.js';
import { Refetch } from '../mirror/refetch.js';
import { Operation } from '../stripe/operation.entity.js';
import type { OperationKind, OperationParams, OperationResult } from '../stripe/operations.js';
import { findSubscription } from './find-subscription.js';
import { SubscriptionClaims } from './subscription-claims.js';
import type { Claim } from './subscription-claims.js';
import type { Subscription } from './subscription.entity.js';
import { ChangeInProgress, OperationInProgress } from './subscriptions.errors.js';

const CHANGES = [
  'subscription.update',
  'subscription.cancel',
  'subscription.resume',
] as const satisfies OperationKind[];
type ChangeKind = (typeof CHANGES)[number];

/** Whoever has the turn changes the subscription. */
export interface Turn {
  /** As Stripe holds it now. */
  subscription: Subscription;
  /** @throws OperationInProgress while it is not known what became of an earlier command */
  run: <K extends ChangeKind>(kind: K, params: OperationParams<K>) => Promise<OperationResult<K>>;
}

/** Changes of one subscription happen one after the other. */
@Injectable()
export class ChangeTurns {
  constructor(
    private readonly claims: SubscriptionClaims,
    private readonly commands: Commands,
    private readonly refetch: Refetch,
    private readonly transactions: Transactions,
  ) {}

  /** @throws ChangeInProgress while another has the turn. @throws NotFound */
  async take(id: string, work: (turn: Turn) => Promise<void>): Promise<void> {
    const { customer } = await findSubscription(this.transactions.reader(), id);
    const busy = () => new ChangeInProgress(id);
    await this.claims.hold({ customer, subject: id }, busy, async (claim) => {
      // The last event may still be on its way, and what is decided is decided on what Stripe holds.
      await this.refetch.refresh([{ object: 'subscription', id }], () => null, 'user');
      const subscription = await findSubscription(this.transactions.reader(), id);
      await work({ subscription, run: (kind, params) => this.run(kind, params, subscription, claim) });
    });
  }

  private async run<K extends ChangeKind>(
    kind: K,
    params: OperationParams<K>,
    { id, customer }: Subscription,
    claim: Claim,
  ): Promise<OperationResult<K>> {
    if (!(await this.commands.begun(kind, params)) && (await this.isInDoubt(customer, id))) {
      throw new OperationInProgress(`What became of the last change of the subscription '${id}' is not known yet.`);
    }
    await claim.renew();
    return this.commands.run(kind, params, customer);
  }

  private async isInDoubt(customer: string, id: string): Promise<boolean> {
    const started = { customer, status: 'started' as const, kind: { $in: [...CHANGES] } };
    const open = await this.transactions.reader().find(Operation, started);
    return open.some(({ params }) => 'id' in params && params.id === id);
  }
}
