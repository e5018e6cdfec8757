import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { MirroredObject, StripeObject } from '../mirror/mirrored-object.js';
import { StripeApi } from '../stripe/stripe-api.js';
import { StripeObjectMissing } from '../stripe/stripe.errors.js';
import type { Listed } from './sweep-cursor.js';

/** Stripe's most. */
const PAGE = 100;

/** An object as Stripe holds it. */
export interface Seen {
  id: string;
  /** What its module reads out of it; null: Stripe says that it is gone. */
  columns: { id: string } | null;
  /** The latest moment, in Stripe's clock, at which this may have been true; null: it stays true, as being gone does. */
  as_of_max: Date | null;
}

const Created = z.object({ created: z.int() });

/** Asks Stripe what it holds, after everybody else's requests, and writes nothing. */
@Injectable()
export class StripeObjects {
  constructor(private readonly api: StripeApi) {}

  /** @returns null when the object `after` is no longer in the list, so that nothing tells where to go on. */
  async page(
    definition: MirroredObject,
    after: string | null,
  ): Promise<{ seen: Array<Seen & Listed>; has_more: boolean } | null> {
    try {
      const { object, as_of_max } = await this.api.read(async (stripe) => {
        const params = { limit: PAGE, ...(after !== null && { starting_after: after }) };
        return (await definition.list?.(stripe, params)) ?? { data: [], has_more: false };
      }, 'background');
      return { seen: object.data.map((one) => seenOf(definition, one, as_of_max)), has_more: object.has_more };
    } catch (error) {
      if (after !== null && error instanceof StripeObjectMissing) return null;
      throw error;
    }
  }

  async retrieve(definition: MirroredObject, id: string): Promise<Seen> {
    try {
      const { object, as_of_max } = await this.api.read((stripe) => definition.retrieve(stripe, id), 'background');
      if ('object' in object && !('deleted' in object && object.deleted === true)) {
        return seenOf(definition, object, as_of_max);
      }
      return { id, columns: null, as_of_max: null };
    } catch (error) {
      if (error instanceof StripeObjectMissing) return { id, columns: null, as_of_max: null };
      throw error;
    }
  }
}

function seenOf(definition: MirroredObject, object: StripeObject, as_of_max: Date): Seen & Listed {
  const created = new Date(Created.parse(object).created * 1000).toISOString();
  return { id: object.id, created, columns: definition.read(object), as_of_max };
}
