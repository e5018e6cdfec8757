import * as p from './params.js';

/** Of an address, wherever one is given: https://docs.stripe.com/api/customers/create#create_customer-address */
export const addressFields = {
  city: p.note,
  country: p.note,
  line1: p.note,
  line2: p.note,
  postal_code: p.note,
  state: p.note,
};
