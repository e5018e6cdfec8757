import { Injectable } from '@nestjs/common';
import { EntityManager, MikroORM } from '@mikro-orm/postgresql';

/** Opens transactions. Only entry points (a controller, a job, the projector) call it; helpers take `em` and never commit. */
@Injectable()
export class Transactions {
  constructor(private readonly orm: MikroORM) {}

  /** Runs `work` in one transaction on an identity map of its own; a throw rolls everything back. */
  run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.orm.em.fork().transactional((em) => work(em));
  }

  /** For reads outside a transaction. */
  reader(): EntityManager {
    return this.orm.em.fork();
  }
}
