import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiKeys } from '../../src/api/api-keys.js';
import { ExternalId } from '../../src/customers/customer.entity.js';
import { templates } from '../../src/notifications/templates.js';
import { type House, NOW, openHouse } from './house.js';
import { activated, addCustomer, addInvoice, addProduct, addSubscription, invoicePaid } from './rows.js';

let house: House;
let authorization: string;

beforeAll(async () => {
  house = await openHouse();
  authorization = `Bearer ${await house.get(ApiKeys).createForDevelopment()}`;
  await house.startSending();
  await house.write((em) => {
    addProduct(em);
    addCustomer(em, { id: 'cus_1', email: 'ada@example.com', name: '<script>alert(1)</script>' });
    addCustomer(em, { id: 'cus_2', email: null });
    addSubscription(em, { id: 'sub_1', customer: 'cus_1' });
    addSubscription(em, { id: 'sub_2', customer: 'cus_2' });
    addInvoice(em, { id: 'in_1', customer: 'cus_1', subscription: 'sub_1', status: 'paid', amount_paid: 4900 });
    em.create(ExternalId, { external_id: 'user-1', customer: 'cus_1', claimed_at: NOW });
  });
  await house.publish(activated('cus_1', 'sub_1', null), activated('cus_2', 'sub_2', null));
  await house.settle();
  house.clock.turn(new Date('2027-03-04T12:00:00Z'), 'frozen');
  await house.publish(invoicePaid('cus_1', 'in_1', 'sub_1'));
  await house.settle();
});

afterAll(() => house.close());

const get = (url: string) => house.http(url, { authorization });
const subjects = async (url: string) => {
  const answer: { data: Array<{ subject: string }> } = (await get(url)).json();
  return answer.data.map(({ subject }) => subject);
};

const idOf = async (effect: string) =>
  (await house.emails()).find((email) => email.effect === effect && email.status === 'sent')?.id;

describe('GET /v1/mailbox', () => {
  test('shows what was sent, newest first, with text and HTML', async () => {
    const answer = await get('/v1/mailbox');
    expect(answer.json()).toMatchObject({ object: 'list', url: '/v1/mailbox', has_more: false });
    const [receipt, welcome] = answer.json<{ data: Array<Record<string, unknown>> }>().data;
    expect(welcome).toEqual({
      id: expect.stringMatching(/^eml_/),
      object: 'email',
      effect: 'welcome',
      customer: 'cus_1',
      subscription: 'sub_1',
      invoice: null,
      payment: null,
      to: 'ada@example.com',
      locale: 'en',
      subject: 'Welcome to Acme Pro',
      text: expect.stringContaining('Welcome to Acme Pro'),
      html: expect.stringContaining('<html'),
      message_id: expect.stringMatching(/^<eml_.*@acme\.example>$/),
      status: 'sent',
      attempts: 1,
      error: null,
      created_at: '2027-03-03T12:00:00.000Z',
      sent_at: '2027-03-03T12:00:00.000Z',
    });
    expect(receipt).toMatchObject({ effect: 'receipt', created_at: '2027-03-04T12:00:00.000Z' });
  });

  test('is filtered by address and customer, by either of the customer’s ids', async () => {
    const both = ['Your receipt for €49.00', 'Welcome to Acme Pro'];
    expect(await subjects('/v1/mailbox?to=ada@example.com')).toEqual(both);
    expect(await subjects('/v1/mailbox?customer=cus_1')).toEqual(both);
    expect(await subjects('/v1/mailbox?customer=user-1')).toEqual(both);
    expect(await subjects('/v1/mailbox?to=bob@example.com')).toEqual([]);
    expect(await subjects('/v1/mailbox?limit=1')).toEqual(['Your receipt for €49.00']);
    expect((await get('/v1/mailbox?colour=red')).statusCode).toBe(422);
  });

  test('needs a key', async () => {
    expect((await house.http('/v1/mailbox')).statusCode).toBe(401);
  });
});

describe('GET /v1/emails', () => {
  test('shows also what was not sent, and why', async () => {
    const { data } = (await get('/v1/emails?status=skipped')).json<{ data: unknown[] }>();
    expect(data).toEqual([
      expect.objectContaining({
        customer: 'cus_2',
        effect: 'welcome',
        error: 'The customer has no e-mail address.',
        to: null,
      }),
    ]);
    expect(await subjects('/v1/emails?customer=user-1')).toHaveLength(2);
  });

  test.each(Object.keys(templates))('previews %s', async (template) => {
    const answer = await get(`/v1/emails/preview/${template}?locale=de`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.body).toContain('lang="de"');
  });

  test('knows neither other templates nor other languages', async () => {
    expect((await get('/v1/emails/preview/toString')).statusCode).toBe(404);
    expect((await get('/v1/emails/preview/welcome?locale=fr')).json()).toMatchObject({
      status: 422,
      errors: [{ pointer: 'locale' }],
    });
  });
});

describe('the pages', () => {
  test('list the e-mails without a key', async () => {
    const { body, headers } = await house.http('/mailbox');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body.indexOf('Your receipt')).toBeGreaterThan(0);
    expect(body.indexOf('Welcome to Acme Pro')).toBeGreaterThan(body.indexOf('Your receipt'));
    expect(body).toContain(`href="/mailbox/${await idOf('receipt')}"`);
  });

  test('show one e-mail in a frame without any rights', async () => {
    const id = await idOf('welcome');
    const { body } = await house.http(`/mailbox/${id}`);
    expect(body).toContain(`src="/mailbox/${id}/html"`);
    expect(body).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(body).not.toContain('<script');

    const frame = await house.http(`/mailbox/${id}/html`);
    expect(frame.headers['content-security-policy']).toMatch(/^default-src 'none';.*sandbox allow-popups/);
    expect(frame.body).toContain('Hello &lt;script&gt;');
  });

  test('escape what they are asked for', async () => {
    const { body } = await house.http(`/mailbox?to=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(body).not.toContain('<script');
    expect(body).toContain('No e-mails');
  });

  test('know no other e-mail', async () => {
    const skipped = (await house.emails()).find((email) => email.status === 'skipped');
    expect((await house.http('/mailbox/eml_none')).statusCode).toBe(404);
    expect((await house.http(`/mailbox/${skipped?.id}/html`)).statusCode).toBe(404);
  });
});

test('with an SMTP server there is no mailbox', async () => {
  const other = await openHouse({ SMTP_URL: 'smtp://127.0.0.1:1' });
  const key = await other.get(ApiKeys).createForDevelopment();
  const statuses = await Promise.all(
    ['/v1/mailbox', '/mailbox', '/mailbox/eml_1', '/mailbox/eml_1/html'].map(
      async (url) => (await other.http(url, { authorization: `Bearer ${key}` })).statusCode,
    ),
  );
  await other.close();
  expect(statuses).toEqual([404, 404, 404, 404]);
});
