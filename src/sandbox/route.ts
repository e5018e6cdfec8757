import type { Context } from './context.js';
import type { Form } from './form.js';
import { readParams, type Shape, type Values } from './params.js';

export type Method = 'GET' | 'POST' | 'DELETE';
/** One verb of one resource: where, what it takes, what it does. */
export interface Route {
  method: Method;
  /** `/v1/customers/:id` */
  path: string;
  /** What it takes. */
  shape: Shape;
  /** Checks the form and answers what is then run with it: nothing has run when it throws. */
  prepare: (form: Form) => (context: Context, id: string, second: string) => object;
}

/** The parameters that say whose time it is. */
const OWNERS = [
  'charge',
  'customer',
  'from_subscription',
  'invoice',
  'payment_intent',
  'schedule',
  'setup_intent',
  'subscription',
  'test_clock',
];

/** `id` and `second` are what the path names, in order. */
export function route<S extends Shape>(
  method: Method,
  path: string,
  shape: S,
  run: (context: Context, params: Values<S>, id: string, second: string) => object,
): Route {
  return {
    method,
    path,
    shape,
    prepare(form) {
      const params = readParams(shape, form);
      const named = OWNERS.map((name) => form.get(name)).filter((value) => typeof value === 'string');
      return (context, id, second) => {
        context.enter([id, second, ...named], method !== 'GET');
        return run(context, params, id, second);
      };
    },
  };
}
