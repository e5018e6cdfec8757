import type { Context } from '../context.js';
import { previewed } from './preview.js';
import { invoiceToCome } from './preview-schedule.js';

/**
 * Some days before a renewal: https://docs.stripe.com/api/events/types#event_types-invoice.upcoming. What a schedule will
 * have done by then is done, looked at and undone, within the transaction of all that is due now.
 */
export function announceNext(context: Context, id: string): void {
  const subscription = context.store.get('subscription', id);
  if (subscription === undefined) return;
  const next = context.imagine(() => {
    const invoice = invoiceToCome(context, subscription);
    return invoice && previewed(context, invoice);
  });
  if (next !== undefined) context.emit('invoice.upcoming', next);
}
