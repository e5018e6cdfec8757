/** How to show what one parameter does. */
export interface Rule {
  /** Added to the base of both forms; `-name` takes away what begins so. */
  with?: string;
  without?: string;
  /** `@` is the parameter's name. */
  given: string;
  setUp?: readonly string[];
}
interface Verb {
  /** What the names in the path are, by the names of the world. */
  at?: Record<string, string>;
  base: string;
  own?: Record<string, Rule>;
}

const NOW = Date.parse('2026-04-01T00:00:00Z') / 1000;
export const days = (count: number) => NOW + count * 86_400;
const fails = '/v1/customers/{cus}?invoice_settings[default_payment_method]={fails}';
const change = 'items[0][id]={item}&items[0][price]={dear}';
const debt = '/v1/invoiceitems?customer={cus}&subscription={pair}&amount=99000&currency=usd';
const ofLine = 'lines[0][type]=invoice_line_item&lines[0][invoice_line_item]={line_of_open}';
const custom = 'lines[0][type]=custom_line_item&lines[0][description]=x&lines[0][unit_amount]=9';
const prorated: Record<string, Rule> = {
  proration_behavior: { given: '@=none' },
  proration_date: { given: `@=${days(10)}` },
  payment_behavior: { with: 'proration_behavior=always_invoice', given: '@=pending_if_incomplete', setUp: [fails] },
};
const phase = 'phases[0][items][0][price]={price}';
const scheduled: Record<string, Rule> = {
  'phases[0][items][0][price]': { without: '@={price}', given: '@={dear}' },
  'phases[0][billing_cycle_anchor]': { given: '@=phase_start' },
  'phases[0][collection_method]': { given: '@=send_invoice' },
  'phases[0][default_payment_method]': { given: '@={mastercard}' },
  'phases[0][duration][interval]': {
    with: '-phases[0][end_date]',
    without: '@=month',
    given: '@=year',
  },
  'phases[0][duration][interval_count]': {
    with: '-phases[0][end_date]&phases[0][duration][interval]=month',
    given: '@=2',
  },
  'phases[0][end_date]': { with: '-phases[0][duration]', without: `@=${days(9)}`, given: `@=${days(19)}` },
  'phases[0][invoice_settings][days_until_due]': { given: '@=9' },
  'phases[0][trial]': { given: '@=true' },
  'phases[0][trial_end]': { given: `@=${days(5)}` },
  'default_settings[billing_cycle_anchor]': { given: '@=phase_start' },
  'default_settings[collection_method]': { given: '@=send_invoice' },
  'default_settings[default_payment_method]': { given: '@={mastercard}' },
  'default_settings[invoice_settings][days_until_due]': { given: '@=9' },
  'phases[0][proration_behavior]': { given: '@=none' },
  end_behavior: { given: '@=cancel' },
};

export const EXAMPLES: Record<string, Verb> = {
  'POST /v1/subscriptions': {
    base: 'customer={cus}&items[0][price]={price}',
    own: {
      customer: { without: '@={cus}', given: '@={friend}&default_payment_method={of_friend}' },
      'items[0][price]': { without: '@={price}', given: '@={dear}' },
      currency: { with: 'items[0][price]={euros}', given: '@=eur' },
      proration_behavior: { with: `billing_cycle_anchor=${days(9)}`, given: '@=none' },
      off_session: { with: 'default_payment_method={asks}', given: '@=true' },
      backdate_start_date: { given: `@=${days(-9)}` },
      billing_cycle_anchor: { given: `@=${days(9)}` },
      'billing_cycle_anchor_config[month]': {
        with: 'items[0][price]={yearly}&billing_cycle_anchor_config[day_of_month]=9',
        given: '@=9',
      },
      'billing_mode[flexible][proration_discounts]': {
        // Itemized is refused; included is what it is anyway, so that the words before it must be flexible.
        with: 'billing_mode[type]=flexible',
        without: 'billing_mode[type]=classic',
        given: '@=included',
      },
      'billing_mode[type]': { given: '@=classic' },
      cancel_at: { given: `@=${days(9)}` },
      payment_behavior: { given: '@=default_incomplete' },
      trial_period_days: { given: '@=9' },
    },
  },
  'POST /v1/subscriptions/:id': {
    at: { id: '{sub}' },
    base: '',
    own: {
      'items[0][id]': { with: 'items[0][price]={dear}&-items[0][id]', given: '@={item}' },
      'items[0][deleted]': { with: 'items[0][id]={item}&items[1][price]={dear}', given: '@=true' },
      'items[0][price]': { with: 'items[0][id]={item}', given: '@={dear}' },
      'billing_cycle_anchor[type]': { given: '@=now' },
      cancel_at: { given: `@=${days(9)}` },
      off_session: {
        with: `${change}&proration_behavior=always_invoice&default_payment_method={asks}`,
        given: '@=true',
      },
      proration_behavior: { with: change, given: '@=none' },
      proration_date: { with: change, given: `@=${days(10)}` },
      payment_behavior: {
        with: `${change}&proration_behavior=always_invoice`,
        given: '@=pending_if_incomplete',
        setUp: [fails],
      },
      'pause_collection[behavior]': { without: '@=void', given: '@=keep_as_draft' },
      'pause_collection[resumes_at]': { with: 'pause_collection[behavior]=void', given: `@=${days(9)}` },
    },
  },
  'DELETE /v1/subscriptions/:id': {
    at: { id: '{sub}' },
    base: '',
    own: { invoice_now: { given: '@=true' }, prorate: { given: '@=true' } },
  },
  'POST /v1/subscriptions/:id/migrate': {
    at: { id: '{classic}' },
    base: 'billing_mode[type]=flexible',
    own: { 'billing_mode[type]': { without: '-billing_mode', given: '@=flexible' } },
  },
  'POST /v1/subscriptions/:id/pause': {
    at: { id: '{sub}' },
    base: '',
    own: {
      // Nothing is metered here, so only what is refused differs; the contract test bills for usage.
      'bill_for[outstanding_usage_through][type]': {
        with: 'bill_for[unused_time_from][type]=none',
        without: '@=other',
        given: '@=now',
      },
      'bill_for[unused_time_from][type]': { given: '@=none' },
      invoicing_behavior: { given: '@=invoice' },
      // It has one value, which is the default: another is refused.
      type: { without: '@=other', given: '@=subscription' },
    },
  },
  'POST /v1/subscriptions/:id/resume': {
    at: { id: '{paused}' },
    base: '',
    own: {
      'billing_cycle_anchor[type]': { given: '@=unchanged' },
      payment_behavior: { given: '@=resume_on_payment_success', setUp: [fails] },
      proration_behavior: { with: 'billing_cycle_anchor[type]=unchanged', given: '@=none' },
      proration_date: { with: 'billing_cycle_anchor[type]=unchanged', given: `@=${days(-2)}` },
    },
  },
  'POST /v1/subscription_items': {
    base: 'subscription={sub}&price={dear}',
    own: {
      ...prorated,
      price: { without: '@={dear}', given: '@={price}' },
      subscription: { without: '@={sub}', given: '@={other}' },
    },
  },
  'POST /v1/subscription_items/:id': {
    at: { id: '{item}' },
    base: 'price={dear}',
    own: {
      ...prorated,
      price: { with: '-price', given: '@={dear}' },
      off_session: {
        with: 'proration_behavior=always_invoice',
        given: '@=true',
        setUp: ['/v1/customers/{cus}?invoice_settings[default_payment_method]={asks}'],
      },
    },
  },
  'DELETE /v1/subscription_items/:id': {
    at: { id: '{second}' },
    base: '',
    own: {
      proration_behavior: prorated['proration_behavior'] ?? { given: '' },
      proration_date: prorated['proration_date'] ?? { given: '' },
      // Nothing is left to pay of an item that goes, but for usage that comes with it.
      payment_behavior: { with: 'proration_behavior=always_invoice', given: '@=default_incomplete', setUp: [debt] },
    },
  },
  'POST /v1/subscription_schedules': {
    base: `customer={cus}&start_date=now&${phase}&phases[0][duration][interval]=month`,
    own: {
      ...scheduled,
      customer: { without: '@={cus}', given: '@={friend}' },
      'phases[0][currency]': { with: 'phases[0][items][0][price]={euros}', given: '@=eur' },
      'billing_mode[type]': { given: '@=classic' },
      'billing_mode[flexible][proration_discounts]': {
        with: 'billing_mode[type]=flexible',
        without: 'billing_mode[type]=classic',
        given: '@=included',
      },
      from_subscription: { with: '-customer&-start_date&-phases', without: '@={sub}', given: '@={other}' },
      start_date: { without: '@=now', given: `@=${days(9)}` },
    },
  },
  'POST /v1/subscription_schedules/:id': {
    at: { id: '{schedule}' },
    base: `${phase}&phases[0][end_date]=${days(30)}`,
    own: {
      ...scheduled,
      'phases[0][currency]': { given: '@=eur' },
      'phases[0][start_date]': { given: `@=${days(-1)}` },
      proration_behavior: { with: 'phases[0][items][0][price]={dear}', given: '@=none' },
    },
  },
  'POST /v1/subscription_schedules/:id/cancel': {
    at: { id: '{schedule}' },
    base: '',
    own: { invoice_now: { given: '@=false' }, prorate: { given: '@=false' } },
  },
  'POST /v1/invoices/:id/lines/:line': { at: { id: '{draft}', line: '{line}' }, base: '' },
  'POST /v1/invoices/:id/add_lines': {
    at: { id: '{draft}' },
    base: 'lines[0][amount]=500',
    own: { 'lines[0][invoice_item]': { with: '-lines', without: 'lines[0][amount]=500', given: '@={waiting}' } },
  },
  'POST /v1/invoices/:id/update_lines': {
    at: { id: '{draft}' },
    base: 'lines[0][id]={line}',
    own: {
      'lines[0][id]': { with: 'lines[0][amount]=7', without: '@={line}', given: '@={second_line}' },
      invoice_metadata: { given: '@[k]=v' },
    },
  },
  'POST /v1/invoices/:id/remove_lines': {
    at: { id: '{draft}' },
    base: 'lines[0][id]={line}&lines[0][behavior]=delete',
    own: {
      'lines[0][id]': { without: '@={line}', given: '@={second_line}' },
      'lines[0][behavior]': { without: '@=delete', given: '@=unassign' },
    },
  },
  'POST /v1/invoices': {
    base: 'customer={cus}',
    own: {
      customer: { without: '@={cus}', given: '@={friend}' },
      currency: { given: '@=eur' },
      pending_invoice_items_behavior: { given: '@=include' },
      subscription: { given: '@={sub}' },
    },
  },
  'POST /v1/invoices/:id': { at: { id: '{draft}' }, base: '', own: { auto_advance: { given: '@=true' } } },
  'POST /v1/invoices/:id/finalize': { at: { id: '{draft}' }, base: '', own: { auto_advance: { given: '@=true' } } },
  'POST /v1/invoices/:id/pay': {
    at: { id: '{open}' },
    base: '',
    own: {
      off_session: { with: 'payment_method={asks}', without: '@=false', given: '@=true' },
      paid_out_of_band: { given: '@=true' },
      payment_method: { given: '@={mastercard}' },
    },
  },
  'POST /v1/invoices/:id/attach_payment': {
    at: { id: '{open}' },
    base: '',
    own: { payment_intent: { without: '@={intent}', given: '@={second_intent}' } },
  },
  'POST /v1/invoiceitems': {
    base: 'customer={cus}&amount=500&currency=usd',
    own: {
      customer: { without: '@={cus}', given: '@={friend}' },
      currency: { without: '@=usd', given: '@=eur' },
      invoice: { given: '@={draft}' },
      quantity: { with: '-amount&pricing[price]={once}', given: '@=3' },
      subscription: { given: '@={sub}' },
    },
  },
  'POST /v1/invoiceitems/:id': { at: { id: '{waiting}' }, base: '' },
  'POST /v1/credit_notes': {
    base: 'invoice={open}&amount=100',
    own: {
      amount: { without: '@=100', given: '@=200' },
      invoice: {
        with: 'lines[0][type]=custom_line_item&lines[0][description]=x&lines[0][unit_amount]=9&-amount',
        without: '@={open}',
        given: '@={second_open}',
      },
      credit_amount: { with: 'invoice={paid}', without: 'refund_amount=100', given: '@=100' },
      refund_amount: { with: 'invoice={paid}', without: 'credit_amount=100', given: '@=100' },
      out_of_band_amount: { with: 'invoice={paid}', without: 'credit_amount=100', given: '@=100' },
      reason: { given: '@=duplicate' },
      'lines[0][amount]': { with: `-amount&${ofLine}`, given: '@=50' },
      'lines[0][invoice_line_item]': {
        with: '-amount&lines[0][type]=invoice_line_item&lines[0][amount]=5',
        without: '@={line_of_open}',
        given: '@={other_line_of_open}',
      },
      'lines[0][quantity]': { with: `-amount&${custom}`, given: '@=2' },
      'lines[0][description]': { with: `-amount&${custom}`, without: '@=One', given: '@=Other' },
      'lines[0][unit_amount]': { with: `-amount&${custom}`, without: '@=5', given: '@=6' },
      'lines[0][tax_rates][0]': { with: `-amount&${custom}`, given: '@={rate}' },
      'lines[0][type]': {
        with: `-amount&${custom}`,
        without: '@=custom_line_item',
        given: `@=invoice_line_item&-lines[0][description]&-lines[0][unit_amount]&lines[0][invoice_line_item]={line_of_open}`,
      },
    },
  },
  'POST /v1/credit_notes/:id': { at: { id: '{note}' }, base: '' },
};
