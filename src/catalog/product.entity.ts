import { Entity, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's product. https://docs.stripe.com/api/products/object */
@Entity({ tableName: 'products' })
export class Product extends Mirrored {
  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'boolean' })
  active!: boolean;

  @Property({ type: 'json', columnType: 'json' })
  metadata!: Record<string, string>;
}
