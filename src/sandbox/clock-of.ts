import { idOf } from './objects.js';
import type { Store } from './store.js';

type Find = (store: Store, id: string) => string | null;
const ofCustomer: Find = (store, id) => idOf(store.get('customer', id)?.test_clock);

/** To which test clock an object belongs, by the beginning of its id: its own, or its customer's. */
const CLOCK_OF = new Map<string, Find>(
  Object.entries({
    clock: (store, id) => store.get('test_clock', id)?.id ?? null,
    cus: ofCustomer,
    in: (store, id) => idOf(store.get('invoice', id)?.test_clock),
    ii: (store, id) => idOf(store.get('invoiceitem', id)?.test_clock),
    sub: (store, id) => idOf(store.get('subscription', id)?.test_clock),
    si: (store, id) => idOf(store.by('subscription', 'item', id)[0]?.test_clock),
    cn: (store, id) => ofCustomer(store, idOf(store.get('credit_note', id)?.customer) ?? ''),
    sub_sched: (store, id) => idOf(store.get('subscription_schedule', id)?.test_clock),
    di: (store, id) => idOf(store.get('subscription', store.get('discount', id)?.subscription ?? '')?.test_clock),
    ch: (store, id) => ofCustomer(store, idOf(store.get('charge', id)?.customer) ?? ''),
    pi: (store, id) => ofCustomer(store, idOf(store.get('payment_intent', id)?.customer) ?? ''),
    pm: (store, id) => ofCustomer(store, idOf(store.get('payment_method', id)?.customer) ?? ''),
    seti: (store, id) => ofCustomer(store, idOf(store.get('setup_intent', id)?.customer) ?? ''),
  } satisfies Record<string, Find>),
);

export function clockOf(store: Store, id: string): string | null {
  return CLOCK_OF.get(id.slice(0, id.lastIndexOf('_')))?.(store, id) ?? null;
}

export function isClock(id: string): boolean {
  return id.startsWith('clock_');
}
