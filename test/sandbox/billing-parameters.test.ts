import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Shape } from '../../src/sandbox/params.js';
import { EXAMPLES } from './billing-examples.js';
import { exampleFor } from './billing-rules.js';
import { World, type Answered } from './billing-world.js';

// Previews make what they show by the same tables; their contract tests compare them with what is then invoiced.
const AREA = /^\/v1\/(subscription|invoice(s(?!\/create_preview)|items)|credit_notes)/;
/** Every parameter of a table by its full name; lists by their first entry. */
function namesOf(shape: Shape, within = ''): string[] {
  return Object.entries(shape).flatMap(([name, kind]) => {
    const label = within === '' ? name : `${within}[${name}]`;
    const inner = kind.isList === true ? `${label}[0]` : label;
    return kind.fields === undefined ? [inner] : namesOf(kind.fields, inner);
  });
}

const known = new Map<string, { answered: Answered; all: string }>();

/** What is answered, and all that there is then, after a request in a world of its own. */
function after(method: string, path: string, form: string, setUp: readonly string[]) {
  const key = [method, path, form, ...setUp].join(' ');
  const made = known.get(key) ?? play(method, path, form, setUp);
  known.set(key, made);
  return made;
}

function play(method: string, path: string, form: string, setUp: readonly string[]) {
  const world = peopled();
  for (const [name, id] of Object.entries(EXAMPLES[`${method} ${path}`]?.at ?? {})) world.ids.set(name, world.fill(id));
  for (const step of setUp) {
    const [to = '', wish = ''] = step.split('?');
    world.ask('POST', to, wish);
  }
  const route = world.routes.find((one) => one.method === method && one.path === path);
  if (route === undefined) throw new Error(`no route for ${method} ${path}`);
  const answered = world.send(route, form);
  const all = createHash('sha256')
    .update(JSON.stringify(answered.body) + world.dump())
    .digest('hex');
  world.close();
  return { answered, all };
}

const empty = new World();
const routes = empty.routes.filter(({ method, path }) => method !== 'GET' && AREA.test(path));
empty.close();
const cases = routes.flatMap(({ method, path, shape }) =>
  namesOf(shape).map((name): [string, string, string] => [method, path, name]),
);

// A parameter that is taken and then passed over would be a silent success.
describe('every parameter of billing that is taken makes a difference', () => {
  test.each(cases)('%s %s: %s', (method, path, name) => {
    const { without, given, setUp } = exampleFor(`${method} ${path}`, name);
    const one = after(method, path, without, setUp);
    const other = after(method, path, given, setUp);
    expect([other.answered.status, other.answered.body.error?.message]).toEqual([200, undefined]);
    expect(one.all === other.all).toBe(false);
  });
});

function peopled(): World {
  const world = new World();
  const make = world.make.bind(world);
  make('cus', '/v1/customers', 'email=a@example.com');
  for (const [name, card] of [
    ['visa', 'pm_card_visa'],
    ['mastercard', 'pm_card_mastercard'],
    ['asks', 'pm_card_authenticationRequiredSetupForOffSession'],
    ['fails', 'pm_card_chargeCustomerFail'],
  ] as const)
    make(name, `/v1/payment_methods/${card}/attach`, 'customer={cus}');
  world.ask('POST', '/v1/customers/{cus}', 'invoice_settings[default_payment_method]={visa}');
  make('product', '/v1/products', 'name=Thing');
  make('price', '/v1/prices', 'currency=usd&unit_amount=3000&recurring[interval]=month&product={product}');
  make('dear', '/v1/prices', 'currency=usd&unit_amount=9000&recurring[interval]=month&product={product}');
  make(
    'euros',
    '/v1/prices',
    'currency=usd&unit_amount=90&recurring[interval]=month&product={product}&currency_options[eur][unit_amount]=80',
  );
  make('once', '/v1/prices', 'currency=usd&unit_amount=500&product={product}');
  make('coupon', '/v1/coupons', 'percent_off=10&duration=forever');
  make('promotion', '/v1/promotion_codes', 'promotion[type]=coupon&promotion[coupon]={coupon}&code=TEN');
  make('rate', '/v1/tax_rates', 'display_name=VAT&percentage=20&inclusive=false');
  const other = make(
    'other',
    '/v1/subscriptions',
    'customer={cus}&items[0][price]={price}&discounts[0][coupon]={coupon}',
  );
  world.ids.set('discount', first(other['discounts']));
  const sub = make('sub', '/v1/subscriptions', 'customer={cus}&items[0][price]={price}');
  world.ids.set('item', idIn(sub['items']));
  make('schedule', '/v1/subscription_schedules', SCHEDULE);
  make('draft', '/v1/invoices', 'customer={cus}&auto_advance=false&currency=usd');
  make('on_draft', '/v1/invoiceitems', 'customer={cus}&invoice={draft}&amount=500&currency=usd');
  make('on_draft_too', '/v1/invoiceitems', 'customer={cus}&invoice={draft}&amount=600&currency=usd');
  const [line, secondLine] = idsIn(world.ask('GET', '/v1/invoices/{draft}', '').body['lines']);
  world.ids.set('line', line ?? '').set('second_line', secondLine ?? '');
  for (const name of ['open', 'paid', 'second_open']) {
    make(name, '/v1/invoices', 'customer={cus}&auto_advance=false&currency=usd');
    for (const item of ['on', 'also_on'])
      make(`${item}_${name}`, '/v1/invoiceitems', `customer={cus}&invoice={${name}}&amount=5000&currency=usd`);
    const finalized = world.ask('POST', `/v1/invoices/{${name}}/finalize`, '').body;
    const [one, two] = idsIn(finalized['lines']);
    world.ids.set(`line_of_${name}`, one ?? '').set(`other_line_of_${name}`, two ?? '');
  }
  world.ask('POST', '/v1/invoices/{paid}/pay', '');
  make('note', '/v1/credit_notes', 'invoice={open}&amount=100');
  for (const name of ['intent', 'second_intent'])
    make(name, '/v1/payment_intents', 'customer={cus}&amount=700&currency=usd');
  make('second_product', '/v1/products', 'name=Other');
  make('yearly', '/v1/prices', 'currency=usd&unit_amount=9&recurring[interval]=year&product={product}');
  make('classic', '/v1/subscriptions', 'customer={cus}&items[0][price]={price}&billing_mode[type]=classic');
  const pair = make('pair', '/v1/subscriptions', 'customer={cus}&items[0][price]={price}&items[1][price]={dear}');
  world.ids.set('second', idIn(pair['items']));
  make('friend', '/v1/customers', 'email=b@example.com');
  const trial = 'trial_period_days=5&trial_settings[end_behavior][missing_payment_method]=pause';
  make('paused', '/v1/subscriptions', `customer={friend}&items[0][price]={price}&${trial}`);
  world.ask('POST', '/v1/subscriptions/{paused}', 'trial_end=now');
  make('of_friend', '/v1/payment_methods/pm_card_visa/attach', 'customer={friend}');
  world.ask('POST', '/v1/customers/{friend}', 'invoice_settings[default_payment_method]={of_friend}');
  make('waiting', '/v1/invoiceitems', 'customer={cus}&amount=500&currency=usd');
  return world;
}

const SCHEDULE = 'customer={cus}&start_date=now&phases[0][items][0][price]={price}&phases[0][duration][interval]=month';

function first(value: unknown): string {
  if (!Array.isArray(value)) throw new Error('not a list');
  return String(value[0]);
}

function idIn(list: unknown): string {
  const [id] = idsIn(list);
  if (id === undefined) throw new Error('nothing is in the list');
  return id;
}

/** Of the entries themselves, not of what is in them. */
function idsIn(list: unknown): string[] {
  return [...JSON.stringify(list).matchAll(/"id":"((il|si)_\w+)"/g)].map(([, id = '']) => id);
}
