import type { EntityManager } from '@mikro-orm/postgresql';
import { NotFound } from '../errors/failure.js';
import { Subscription } from './subscription.entity.js';

/** @throws NotFound */
export async function findSubscription(em: EntityManager, id: string): Promise<Subscription> {
  const subscription = await em.findOne(Subscription, { id, deleted: false });
  if (!subscription) throw new NotFound('subscription', id);
  return subscription;
}
