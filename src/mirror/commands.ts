import { Injectable, Logger } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { currentContext } from '../api/request-context.js';
import { databaseNow } from '../database/database-now.js';
import { newId, uuidFrom } from '../database/ids.js';
import { Transactions } from '../database/transactions.js';
import { Failure } from '../errors/failure.js';
import { failpoint } from '../failpoints/failpoint.js';
import { Operation } from '../stripe/operation.entity.js';
import type { OperationKind, OperationParams, OperationResult } from '../stripe/operations.js';
import { StripeApi } from '../stripe/stripe-api.js';
import type { Answer } from '../stripe/stripe-api.js';
import { isRefusal } from '../stripe/stripe.errors.js';
import type { Priority } from '../stripe/rate-budget.js';
import { MirrorRegistry } from './mirror-registry.js';
import { keyOf } from './mirror-rows.js';
import type { RowKey } from './mirror-rows.js';
import { Mirror } from './mirror.js';
import type { FetchedSnapshot } from './mirror.js';
import type { StripeObject } from './mirrored-object.js';
import { Refetch } from './refetch.js';

/** Stripe may forget a key after 24 hours, and would then act again. https://docs.stripe.com/api/idempotent_requests */
const KEY_HOLDS_MS = 23 * 3_600_000;

/**
 * Commands to Stripe: written down with their idempotency key, sent outside any transaction, their answer put through the
 * mirror. When an answer is lost, the same command is sent again with the same key, so Stripe acts once.
 */
@Injectable()
export class Commands {
  private readonly logger = new Logger(Commands.name);

  constructor(
    private readonly api: StripeApi,
    private readonly mirror: Mirror,
    private readonly refetch: Refetch,
    private readonly registry: MirrorRegistry,
    private readonly transactions: Transactions,
  ) {}

  /**
   * @param customer Stripe's id, or null for what belongs to none.
   * @param changed what Stripe changes along with it, and does not answer: asked for before this resolves, so that the
   * caller's next question finds it. Stripe's events tell of it anyway.
   * @throws Failure as `stripe.errors.ts` maps it. After a refusal nothing has happened; after `stripe_unavailable` the
   * operation stays open and is resumed.
   */
  async run<K extends OperationKind>(
    kind: K,
    params: OperationParams<K>,
    customer: string | null,
    changed: RowKey[] = [],
  ): Promise<OperationResult<K>> {
    const id = operationId(kind, params);
    await this.transactions.run(async (em) => {
      const known = await em.findOne(Operation, id);
      if (!known)
        em.create(Operation, { id, kind, params, customer, status: 'started', attempts: 0 }, { partial: true });
    });
    failpoint('command.recorded');
    const result = await this.send(id, kind, params, 'user');
    if (changed.length > 0) await this.follow(id, changed);
    return result;
  }

  /** Sends again what was begun and never answered, by the database's clock. @returns how many operations came to an end. */
  async resume(olderThanSeconds: number): Promise<number> {
    const em = this.transactions.reader();
    const now = (await databaseNow(em)).getTime();
    const open = await em.find(
      Operation,
      { status: 'started', started_at: { $lt: new Date(now - olderThanSeconds * 1000) } },
      { orderBy: { started_at: 'asc' }, limit: 50 },
    );
    let ended = 0;
    for (const operation of open) {
      try {
        if (operation.started_at.getTime() < now - KEY_HOLDS_MS) await this.abandon(operation);
        else await this.send(operation.id, operation.kind, operation.params, 'background');
        ended++;
      } catch (error) {
        this.logger.warn({ msg: 'operation resumed without success', operation: operation.id, err: error });
        if (isRefusal(error)) ended++;
      }
    }
    return ended;
  }

  /** Operations of this customer whose outcome is not known yet. */
  async inDoubt(customer: string, kind: OperationKind): Promise<boolean> {
    return (await this.transactions.reader().count(Operation, { customer, kind, status: 'started' })) > 0;
  }

  /** Whether this very request (told by its Idempotency-Key) has begun this command before: then `run` goes on with it. */
  async begun<K extends OperationKind>(kind: K, params: OperationParams<K>): Promise<boolean> {
    return (await this.transactions.reader().count(Operation, { id: operationId(kind, params) })) > 0;
  }

  private async send<K extends OperationKind>(
    id: string,
    kind: K,
    params: OperationParams<K>,
    priority: Priority,
  ): Promise<OperationResult<K>> {
    const target = 'id' in params && typeof params.id === 'string' ? params.id : null;
    const revision = target === null ? null : await this.revisionOf({ object: objectOf(kind), id: target });
    const answer = await this.ask(id, kind, params, priority);
    failpoint('command.answered');
    await this.write({
      ...answer,
      object: answer.object.object,
      id: answer.object.id,
      snapshot: isGone(answer.object) ? null : answer.object,
      revision,
      cause: id,
    });
    failpoint('command.written');
    await this.finish(id, { status: 'done', result: answer.object.id, error: null });
    return answer.object;
  }

  private async ask<K extends OperationKind>(
    id: string,
    kind: K,
    params: OperationParams<K>,
    priority: Priority,
  ): Promise<Answer<OperationResult<K>>> {
    try {
      return await this.api.send(kind, params, id, priority);
    } catch (error) {
      if (isRefusal(error))
        await this.finish(id, { status: 'failed', result: null, error: `${error.code}: ${error.message}` });
      throw error;
    }
  }

  /** The command itself is done by now: what fails here is left to Stripe's events. */
  private async follow(id: string, changed: RowKey[]): Promise<void> {
    try {
      await this.refetch.refresh(changed, () => id, 'user');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.logger.warn({ msg: 'what a command changed could not be asked for', operation: id, err: error });
    }
  }

  /** What Stripe did, if it did anything, comes as an event or is found by the reconciliation. */
  private async abandon({ id }: Operation): Promise<void> {
    this.logger.error({
      msg: 'operation abandoned: its outcome is unknown, and its key may be forgotten',
      operation: id,
    });
    await this.finish(id, { status: 'failed', result: null, error: 'abandoned: too old to be repeated safely' });
  }

  private async revisionOf(key: RowKey): Promise<number | null> {
    if (!this.registry.find(key.object)) return null;
    const revisions = await this.mirror.revisions(this.transactions.reader(), [key]);
    return revisions.get(keyOf(key)) ?? null;
  }

  /** An answer that is repeated tells of the past, so what is true now is asked for. */
  private async write(fetched: FetchedSnapshot & { replayed: boolean }): Promise<void> {
    if (!this.registry.find(fetched.object)) return;
    const open = fetched.replayed
      ? [fetched]
      : await this.transactions.run((em) => this.mirror.writeFetched(em, [fetched]));
    if (open.length > 0) await this.refetch.refresh([fetched], () => fetched.cause, 'user');
  }

  private async finish(id: string, outcome: Pick<Operation, 'status' | 'result' | 'error'>): Promise<void> {
    await this.transactions.run(async (em) => {
      const operation = await em.findOneOrFail(Operation, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
      em.assign(operation, { ...outcome, attempts: operation.attempts + 1, finished_at: new Date() });
    });
  }
}

/** The same request repeated with the same Idempotency-Key is the same operation, also when its first answer was lost. */
function operationId(kind: OperationKind, params: object): string {
  const { operation_scope } = currentContext();
  if (operation_scope === undefined) return newId('op');
  return `op_${uuidFrom(`${operation_scope} ${kind} ${JSON.stringify(params)}`).replaceAll('-', '')}`;
}

/** `subscription.update` is a command to a `subscription`. */
function objectOf(kind: OperationKind): string {
  return kind.slice(0, kind.indexOf('.'));
}

/** Stripe answers a deletion with what is left of the object. */
function isGone(object: StripeObject): boolean {
  return 'deleted' in object && object.deleted === true;
}
