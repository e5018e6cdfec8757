import { describe, expect, test } from '@jest/globals';
import { renderEmail } from '../../src/notifications/render-email.js';
import { type Effect, type EmailFacts, templates } from '../../src/notifications/templates.js';
import { Wording } from '../../src/notifications/wording.js';

/** Non-breaking spaces and line breaks of the plain text are none of these tests' business. */
const flat = (content: string) => content.replaceAll(/\s+/g, ' ');

async function sampleOf<E extends Effect>(
  effect: E,
  locale: string,
  facts: Partial<EmailFacts[E]> = {},
  name: string | null = 'Ada',
) {
  const setting = { words: new Wording(locale), brand: 'Acme', name };
  const { subject, html, text } = await renderEmail(effect, { ...templates[effect].sample, ...facts }, setting);
  return { subject: flat(subject), html: flat(html), text: flat(text) };
}

/** What each e-mail has to say, in both of its forms. */
const said: { [E in Effect]: { en: string[]; de: string[] } } = {
  welcome: { en: ['Welcome to Pro', 'March 17, 2027'], de: ['Willkommen bei Pro', '17. März 2027'] },
  receipt: {
    en: ['€49.00', 'March 3, 2027', 'F3A9C1D2-0002', 'Visa'],
    de: ['49,00 €', '3. März 2027', 'F3A9C1D2-0002'],
  },
  payment_failed: {
    en: ['€49.00', '7 more days', 'March 10, 2027', 'March 6, 2027'],
    de: ['noch 7 Tage', '10. März 2027'],
  },
  payment_reminder: { en: ['ends in 2 days', 'March 10, 2027'], de: ['endet in 2 Tagen', '10. März 2027'] },
  action_required: { en: ['confirm your payment', '€49.00'], de: ['bestätigen', '49,00 €'] },
  access_lost: { en: ['has been paused', '€49.00'], de: ['gesperrt', '49,00 €'] },
  alert: { en: ['dead letters', '3 events'], de: ['Aufgegebenes wartet', '3 events'] },
  access_restored: { en: ['Your access is back'], de: ['wieder da'] },
  subscription_canceled: { en: ['has ended', 'April 3, 2027'], de: ['beendet', '3. April 2027'] },
  cancellation_scheduled: {
    en: ['April 3, 2027', 'will not renew'],
    de: ['3. April 2027', 'verlängert sich nicht mehr'],
  },
};

describe.each(Object.keys(said) as Effect[])('%s', (effect) => {
  test.each(['en', 'de'] as const)('says the same in HTML and text, in %s', async (locale) => {
    const { subject, html, text } = await sampleOf(effect, locale);
    expect(subject).not.toBe('');
    for (const fact of [...said[effect][locale], 'Ada', 'Acme']) {
      expect(html).toContain(fact);
      expect(text).toContain(fact);
    }
    expect(html).toContain(`lang="${locale}"`);
    expect(html).not.toContain('undefined');
    expect(text).not.toMatch(/undefined|\{/);
  });
});

describe('a template', () => {
  test('leads to the invoice in both forms', async () => {
    const { html, text } = await sampleOf('payment_failed', 'en');
    expect(html).toContain('href="https://invoice.stripe.com/i/sample"');
    expect(text).toContain('Pay now https://invoice.stripe.com/i/sample');
  });

  test('has no button when there is nowhere to go', async () => {
    const { html, text } = await sampleOf('payment_failed', 'en', { hosted_invoice_url: null });
    expect(html).not.toContain('href=');
    expect(text).not.toContain('Pay now');
  });

  test('escapes what customers and catalogues call themselves', async () => {
    const { html } = await sampleOf(
      'welcome',
      'en',
      { plan: '<img src=x onerror=alert(1)>' },
      '<script>alert(1)</script>',
    );
    expect(html).not.toMatch(/<img|<script/);
    expect(html).toContain('&lt;script&gt;');
  });

  test('greets without a name, too', async () => {
    expect((await sampleOf('receipt', 'en', {}, null)).text).toContain('Hello, We have received');
  });

  test.each([
    ['over', 'Your access has been paused until it is paid.'],
    [{ until: new Date('2027-03-03T20:00:00Z'), days: 0 }, 'Your access ends today unless it is paid.'],
    [{ until: new Date('2027-03-04T12:00:00Z'), days: 1 }, 'You keep your access for 1 more day, until March 4, 2027.'],
  ] as const)('tells the days left: %j', async (access, sentence) => {
    expect((await sampleOf('payment_failed', 'en', { access })).text).toContain(sentence);
  });

  test('promises no attempt that will not be made', async () => {
    const { text } = await sampleOf('payment_failed', 'en', { next_attempt_at: null });
    expect(text).toContain('We will not try again on our own');
    expect(text).not.toContain('Next attempt');
  });
});
