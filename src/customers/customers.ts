import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Commands } from '../mirror/commands.js';
import type { OperationParams } from '../stripe/operations.js';
import { Customer } from './customer.entity.js';
import { CustomerBeingCreated, CustomerDeleted, CustomerNotFound } from './customers.errors.js';
import { ExternalIds } from './external-ids.js';
import type { ExternalIdClaim } from './external-ids.js';

const POLL_MS = 50;
const PATIENCE_MS = 10_000;

export interface CustomerFields {
  email?: string | null | undefined;
  name?: string | null | undefined;
  locale?: string | undefined;
  /** In an update: null removes a key, keys that are not named stay. */
  metadata?: Record<string, string | null> | undefined;
}

type Creation = OperationParams<'customer.create'>;

/** Creates, changes and deletes customers at Stripe. */
@Injectable()
export class Customers {
  private readonly logger = new Logger(Customers.name);

  constructor(
    private readonly commands: Commands,
    private readonly externalIds: ExternalIds,
  ) {}

  /**
   * One Stripe customer per `external_id`, however often and from however many sides it is asked for: all get the same one.
   * @returns Stripe's id. @throws CustomerBeingCreated when another request does not come to an end
   */
  async create(external_id: string | undefined, fields: CustomerFields): Promise<{ id: string; created: boolean }> {
    const params = creationOf(external_id, fields);
    if (external_id === undefined || (await this.commands.begun('customer.create', params))) return this.send(params);
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const claim = await this.externalIds.claim(external_id);
      if (claim) return this.createClaimed(claim, params);
      const id = await this.externalIds.customerOf(external_id);
      if (id !== null) return { id, created: false };
      await wait(POLL_MS);
    }
    throw new CustomerBeingCreated(external_id);
  }

  async update(id: string, fields: CustomerFields): Promise<void> {
    await this.commands.run('customer.update', { id, ...paramsOf(fields) }, id);
  }

  /** At Stripe this ends their subscriptions at once and cannot be undone. https://docs.stripe.com/api/customers/delete */
  async delete(id: string): Promise<void> {
    await this.commands.run('customer.delete', { id }, id);
  }

  private async createClaimed(claim: ExternalIdClaim, params: Creation): Promise<{ id: string; created: boolean }> {
    try {
      return await this.send(params);
    } catch (error) {
      await this.release(claim);
      throw error;
    }
  }

  /** With the database still away the claim runs out by itself; what is told is why the customer was not created. */
  private async release(claim: ExternalIdClaim): Promise<void> {
    try {
      await this.externalIds.release(claim);
    } catch (error) {
      this.logger.warn(error);
    }
  }

  private async send(params: Creation): Promise<{ id: string; created: boolean }> {
    const { id } = await this.commands.run('customer.create', params, null);
    return { id, created: true };
  }
}

/** @throws CustomerNotFound, CustomerDeleted */
export async function findCustomer(em: EntityManager, id: string): Promise<Customer> {
  const customer = await em.findOne(Customer, id);
  if (!customer) throw new CustomerNotFound(id);
  if (customer.deleted) throw new CustomerDeleted(id);
  return customer;
}

function creationOf(external_id: string | undefined, fields: CustomerFields): Creation {
  return paramsOf({ ...fields, metadata: { ...fields.metadata, ...(external_id !== undefined && { external_id }) } });
}

/** Stripe unsets a text that is given as ''. https://docs.stripe.com/api/customers/update */
function paramsOf({ email, name, locale, metadata }: CustomerFields) {
  return {
    ...(email !== undefined && { email: email ?? '' }),
    ...(name !== undefined && { name: name ?? '' }),
    ...(locale !== undefined && { preferred_locales: [locale] }),
    ...(metadata !== undefined && { metadata }),
  } satisfies Creation;
}
