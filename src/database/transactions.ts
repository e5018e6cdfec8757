import { Injectable } from '@nestjs/common';
import { EntityManager, MikroORM } from '@mikro-orm/postgresql';

/** Opens transactions. Only entry points (a controller, a job, the projector) call it; helpers take `em` and never commit. */
@Injectable()
export class Transactions {
  private readonly endings = new WeakMap<EntityManager, Array<() => Promise<void>>>();

  constructor(private readonly orm: MikroORM) {}

  /** Runs `work` in one transaction on an identity map of its own; a throw rolls everything back. */
  run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.orm.em.fork().transactional(async (em) => {
      const endings: Array<() => Promise<void>> = [];
      this.endings.set(em, endings);
      const result = await work(em);
      for (const end of endings) await end();
      return result;
    });
  }

  /**
   * Runs `end` as the last of `em`'s transaction, for what is cheaper done at once than one by one.
   * @throws Error when `em` is of no transaction that was opened here: it would never be done
   */
  beforeCommit(em: EntityManager, end: () => Promise<void>): void {
    const endings = this.endings.get(em);
    if (endings === undefined) throw new Error('This is not inside of a transaction.');
    endings.push(end);
  }

  /** For reads outside a transaction. */
  reader(): EntityManager {
    return this.orm.em.fork();
  }
}
