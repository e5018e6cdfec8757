import { days, EXAMPLES, type Rule } from './billing-examples.js';

/** Two forms that differ in one parameter, and what is asked for before. */
export interface Example {
  without: string;
  given: string;
  setUp: readonly string[];
}

const sent = 'collection_method=send_invoice&days_until_due=5';

/** What holds wherever a parameter of that name is. */
const RULES: [RegExp, (name: string) => Rule][] = [
  [/discounts\]?\[0\]\[coupon\]$/, () => ({ given: '@={coupon}' })],
  [/discounts\]?\[0\]\[promotion_code\]$/, () => ({ given: '@={promotion}' })],
  [/discounts\]?\[0\]\[discount\]$/, () => ({ given: '@={discount}' })],
  [/metadata\]?$/, () => ({ given: '@[k]=v' })],
  [/tax_rates\]?\[0\]$/, () => ({ given: '@={rate}' })],
  [/(description|comment|memo|footer|statement_descriptor)\]?$/, () => ({ given: '@=OTHER' })],
  [/feedback\]$/, () => ({ given: '@=unused' })],
  [/discountable\]?$/, () => ({ given: '@=false' })],

  [/^lines.*quantity\]$/, (name) => ({ with: priced(name), given: '@=3' })],
  [/quantity\]?$/, () => ({ given: '@=3' })],
  [/(^|\])\[?amount\]?$/, () => ({ without: '@=500', given: '@=700' })],
  [/unit_amount_decimal\]?$/, () => ({ with: '-amount', without: '@=5', given: '@=7.5' })],
  [
    /(pricing\]?|add_invoice_items\]?\[0\])\[price\]$/,
    (name) => ({ with: removed(name, 'amount'), given: '@={once}' }),
  ],
  [/period\]?\[start\]$/, (name) => ({ with: `${name.replace('start]', 'end]')}=1000`, without: '@=1', given: '@=2' })],
  [
    /period\]?\[end\]$/,
    (name) => ({ with: `${name.replace('end]', 'start]')}=1`, without: '@=1000', given: '@=2000' }),
  ],
  [/^cancel_at_period_end$/, () => ({ given: '@=true' })],
  [/^collection_method$/, () => ({ with: 'days_until_due=5', without: '-days_until_due', given: '@=send_invoice' })],
  [/^days_until_due$/, () => ({ with: sent, given: '@=9' })],
  [/^due_date$/, () => ({ with: 'collection_method=send_invoice', given: `@=${days(9)}` })],
  [/^default_payment_method$/, () => ({ given: '@={mastercard}' })],
  [/^payment_settings\[payment_method_types\]\[0\]$/, () => ({ given: '@=card' })],
  [/^payment_settings/, () => ({ given: '@=on_subscription' })],
  [/^pending_invoice_item_interval\[interval\]$/, () => ({ given: '@=week' })],
  [/^pending_invoice_item_interval/, () => ({ with: 'pending_invoice_item_interval[interval]=week', given: '@=2' })],
  [/^trial_end$/, () => ({ given: `@=${days(9)}` })],
  [/^trial_settings/, () => ({ given: '@=pause' })],
  [/^billing_cycle_anchor_config\[day_of_month\]$/, () => ({ given: '@=9' })],
  [/^billing_cycle_anchor_config/, () => ({ with: 'billing_cycle_anchor_config[day_of_month]=9', given: '@=9' })],
  [/^auto_advance$/, () => ({ given: '@=true' })],
];

export function exampleFor(verb: string, name: string): Example {
  const { base = '', own = {} } = EXAMPLES[verb] ?? {};
  const described = /price_data\]?\[.*\]$/.test(name) ? describedPrice(verb, name) : undefined;
  const rule = own[name] ?? described ?? RULES.find(([pattern]) => pattern.test(name))?.[1](name);
  if (rule === undefined) throw new Error(`${verb} takes ${name}, and no example shows what it does`);
  const shared = `${base}&${itemBase(verb, name)}&${rule.with ?? ''}`;
  const form = (more: string) => joined(`${shared}&${more.replaceAll('@', name)}`);
  return { without: form(rule.without ?? ''), given: form(rule.given), setUp: rule.setUp ?? [] };
}

/** An item that is changed must be named, and an extra item have a price. */
function itemBase(verb: string, name: string): string {
  const [extra] = /^.*add_invoice_items\]?\[0\]/.exec(name) ?? [];
  if (extra !== undefined) return name.endsWith('[price]') ? '' : `${extra}[price]={once}`;
  return verb === 'POST /v1/subscriptions/:id' && name.startsWith('items[0]') ? 'items[0][id]={item}' : '';
}

function describedPrice(verb: string, name: string): Rule {
  const [all, leaf = ''] = /price_data\]?\[(.*)\]$/.exec(name) ?? [];
  const within = name.slice(0, name.length - (all ?? '').length + (all ?? '').indexOf('['));
  const start = within.endsWith(']') || !within.includes('[') ? within : `${within}]`;
  const recurring = verb.includes('subscription') && !name.includes('add_invoice_items');
  const every = [
    `${start}[currency]=usd`,
    `${start}[product]={product}`,
    `${start}[unit_amount]=100`,
    ...(recurring ? [`${start}[recurring][interval]=month`] : []),
  ].join('&');
  const instead = `${removed(name.slice(0, name.indexOf('price_data') + 11), 'price')}&${removed(name, 'amount')}`;
  const values: Record<string, string> = {
    product: '@={second_product}',
    tax_behavior: '@=exclusive',
    unit_amount: '@=200',
    unit_amount_decimal: `-${start}[unit_amount]&@=10.5`,
    'recurring][interval': '@=year',
    'recurring][interval_count': '@=2',
  };
  const given = values[leaf];
  return given === undefined ? { given: `${instead}&${every}` } : { with: `${instead}&${every}`, given };
}

function priced(name: string): string {
  return `${removed(name, 'amount')}&${name.replace('[quantity]', '[pricing][price]')}={once}`;
}

/** Takes away what is beside a parameter. */
function removed(name: string, sibling: string): string {
  const cut = name.search(/\[?(price_data|pricing|quantity|price)/);
  const within = cut < 0 ? '' : name.slice(0, cut);
  return within === '' ? `-${sibling}` : `-${within}[${sibling}]`;
}

/** Later ones replace earlier ones; `-name` removes all that begin so. */
function joined(text: string): string {
  const form = new Map<string, string>();
  for (const part of text.split('&').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=');
    if (!name.startsWith('-')) form.set(name, value);
    else
      for (const key of form.keys()) if (key === name.slice(1) || key.startsWith(`${name.slice(1)}[`)) form.delete(key);
  }
  return [...form].map(([name, value]) => `${name}=${value}`).join('&');
}
