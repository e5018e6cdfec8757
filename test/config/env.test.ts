import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { EnvError, readEnv, variableNames } from '../../config/env.js';

type Source = Record<string, string>;

const production: Source = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:hunter2planted@db:5432/app',
  STRIPE_SECRET_KEY: 'sk_live_planted1',
  STRIPE_WEBHOOK_SECRET: 'whsec_planted2',
  SMTP_URL: 'smtps://mailer:planted3@mail:465',
};
const stripeTest = { STRIPE_SECRET_KEY: 'rk_test_planted4', STRIPE_WEBHOOK_SECRET: 'whsec_planted5' };

function faultsOf(source: Source): string[] {
  try {
    readEnv(source);
    return [];
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    expect(error.message.split('\n')).toEqual(error.faults);
    return error.faults;
  }
}

describe('a sound environment', () => {
  test('an empty one is development on embedded defaults', () => {
    expect(readEnv({})).toEqual({
      nodeEnv: 'development',
      role: 'all',
      http: { host: '127.0.0.1', port: 3000, publicUrl: null },
      database: { url: null },
      stripe: { secretKey: null, webhookSecrets: [], connectWebhookSecrets: [], mode: 'test', sandboxPort: 12_111 },
      mail: { smtpUrl: null, from: 'Good Standing <good-standing@localhost>' },
      bootstrapApiKey: null,
      otlpEndpoint: null,
      alertEmail: null,
      metricsToken: null,
      retention: { payloadDays: 90, eventDays: 400, reconciliationDays: 90 },
      dataDir: '.data',
      logLevel: 'warn',
      shutdownTimeoutMs: 10_000,
      failpoint: null,
    });
  });

  test('blank variables count as unset, and spaces around values do not', () => {
    const blank = { NODE_ENV: '', PORT: ' ', DATABASE_URL: '', SMTP_URL: '', MAIL_FROM: '', LOG_LEVEL: '' };
    expect(readEnv(blank)).toEqual(readEnv({}));
    expect(readEnv({ PORT: ' 0 ', ROLE: 'web\n' })).toMatchObject({ http: { port: 0 }, role: 'web' });
  });

  test('a failpoint, and which passing of it', () => {
    expect(readEnv({ FAILPOINT: 'inbox.stored' }).failpoint).toEqual({ name: 'inbox.stored', passing: 1 });
    expect(readEnv({ FAILPOINT: 'job.done:3' }).failpoint).toEqual({ name: 'job.done', passing: 3 });
  });

  test('production listens on every address', () => {
    expect(readEnv(production).http.host).toBe('0.0.0.0');
    expect(readEnv({ ...production, HOST: '10.0.0.1' }).http.host).toBe('10.0.0.1');
  });

  test('what is given is used with the sandbox too', () => {
    const given = { STRIPE_WEBHOOK_SECRET: 'whsec_a, whsec_b', SANDBOX_PORT: '4000', SHUTDOWN_TIMEOUT: '3' };
    expect(readEnv({ ...given, PUBLIC_URL: 'https://pay.example.com/' })).toMatchObject({
      stripe: { secretKey: null, webhookSecrets: ['whsec_a', 'whsec_b'], sandboxPort: 4000 },
      http: { publicUrl: 'https://pay.example.com' },
      shutdownTimeoutMs: 3000,
    });
  });

  test.each([
    ['a live key in production', production, 'live'],
    ['a live key where it is meant', { ...production, NODE_ENV: 'development', STRIPE_MODE: 'live' }, 'live'],
    ['a test key in production', { ...production, ...stripeTest }, 'test'],
    ['a test key in development', stripeTest, 'test'],
  ] as const)('%s', (_name, source, mode) => {
    expect(readEnv(source).stripe.mode).toBe(mode);
  });

  test.each(['billing@example.com', 'Good Standing <billing@example.com>'])('the sender %s', (from) => {
    expect(readEnv({ MAIL_FROM: from }).mail.from).toBe(from);
  });
});

describe('each fault is one line that names variable, fault and remedy', () => {
  test.each<[Source, RegExp]>([
    [{ NODE_ENV: 'prod' }, /^NODE_ENV: is none of development, test, production\. Leave it out for development\.$/],
    [{ ROLE: 'both' }, /^ROLE: is none of all, web, worker/],
    [{ LOG_LEVEL: 'verbose' }, /^LOG_LEVEL: is none of fatal, /],
    [{ PORT: 'http' }, /^PORT: is no whole number from 0 to 65535\. Set e\.g\. 3000/],
    [{ PORT: '65536' }, /^PORT: /],
    [{ PORT: '-1' }, /^PORT: /],
    [{ PORT: '3e3' }, /^PORT: /],
    [{ SANDBOX_PORT: '1.5' }, /^SANDBOX_PORT: /],
    [{ SHUTDOWN_TIMEOUT: '0' }, /^SHUTDOWN_TIMEOUT: .* seconds/],
    [{ PUBLIC_URL: 'pay.example.com' }, /^PUBLIC_URL: is no URL beginning with http:/],
    [{ DATABASE_URL: 'undefined' }, /^DATABASE_URL: is no URL beginning with postgres:/],
    [{ DATABASE_URL: 'mysql://a:planted@b/c' }, /^DATABASE_URL: is no URL beginning with postgres:/],
    [{ SMTP_URL: 'mail.example.com:25' }, /^SMTP_URL: is no URL beginning with smtp:/],
    [{ MAIL_FROM: 'Good Standing' }, /^MAIL_FROM: is no e-mail address/],
    [{ MAIL_FROM: 'a@b.com\nBcc: <c@d.com>' }, /^MAIL_FROM: is no e-mail address/],
    [{ BOOTSTRAP_API_KEY: 'planted-key' }, /^BOOTSTRAP_API_KEY: is no API key\. It is gs_ and/],
    [{ BOOTSTRAP_API_KEY: '' }, /^BOOTSTRAP_API_KEY: is given but blank/],
    [{ STRIPE_SECRET_KEY: ' ' }, /^STRIPE_SECRET_KEY: is given but blank/],
    [{ STRIPE_SECRET_KEY: 'undefined' }, /^STRIPE_SECRET_KEY: is the word undefined/],
    [{ STRIPE_SECRET_KEY: 'pk_test_planted' }, /^STRIPE_SECRET_KEY: is a publishable key .*sk_test_/],
    [{ STRIPE_SECRET_KEY: 'whsec_planted' }, /^STRIPE_SECRET_KEY: is a webhook secret .* STRIPE_WEBHOOK_SECRET/],
    [{ STRIPE_SECRET_KEY: 'planted' }, /^STRIPE_SECRET_KEY: is no secret key of Stripe/],
    [{ STRIPE_SECRET_KEY: 'sk_test_planted' }, /^STRIPE_WEBHOOK_SECRET: is missing, .*stripe listen/],
    [{ ...stripeTest, STRIPE_SECRET_KEY: 'sk_live_planted' }, /^STRIPE_SECRET_KEY: is a live key .*STRIPE_MODE=live/],
    [{ ...stripeTest, STRIPE_SECRET_KEY: 'rk_live_planted' }, /^STRIPE_SECRET_KEY: is a live key .*STRIPE_MODE=live/],
    [{ FAILPOINT: 'inbox.planted' }, /^FAILPOINT: is no moment of src\/failpoints/],
    [{ FAILPOINT: 'inbox.stored:0' }, /^FAILPOINT: is no moment of src\/failpoints/],
    [{ ...production, FAILPOINT: 'inbox.stored' }, /^FAILPOINT: .* not for production\. Leave it out\.$/],
    [{ ...production, STRIPE_MODE: 'test' }, /^STRIPE_SECRET_KEY: is a live key .*STRIPE_MODE=live/],
    [{ ...stripeTest, STRIPE_MODE: 'live' }, /^STRIPE_SECRET_KEY: is a test key/],
    [{ STRIPE_MODE: 'live' }, /^STRIPE_MODE: is live, but the sandbox is not/],
    [{ STRIPE_WEBHOOK_SECRET: '' }, /^STRIPE_WEBHOOK_SECRET: is given but blank/],
    [{ STRIPE_WEBHOOK_SECRET: 'null' }, /^STRIPE_WEBHOOK_SECRET: is the word null/],
    [{ STRIPE_WEBHOOK_SECRET: 'whsec_planted,,whsec_b' }, /^STRIPE_WEBHOOK_SECRET: item 2 of 3 is empty/],
    [{ STRIPE_WEBHOOK_SECRET: 'whsec_a,undefined' }, /^STRIPE_WEBHOOK_SECRET: item 2 of 2 is the word undefined/],
    [{ STRIPE_WEBHOOK_SECRET: 'planted' }, /^STRIPE_WEBHOOK_SECRET: item 1 of 1 does not begin with whsec_/],
    [{ STRIPE_WEBHOOK_SECRET: 'whsec_' }, /^STRIPE_WEBHOOK_SECRET: item 1 of 1 does not begin with whsec_/],
    [{ ...production, STRIPE_WEBHOOK_SECRET: 'undefined' }, /^STRIPE_WEBHOOK_SECRET: is the word undefined/],
    [{ ...production, STRIPE_WEBHOOK_SECRET: ' ' }, /^STRIPE_WEBHOOK_SECRET: is given but blank/],
    [{ ...production, DATABASE_URL: '' }, /^DATABASE_URL: is missing, .* not for production\. Set postgres:/],
    [{ ...production, SMTP_URL: '' }, /^SMTP_URL: is missing, .* not for production\. Set smtp:/],
  ])('%j', (source, line) => {
    const faults = faultsOf(source);
    expect(faults).toEqual([expect.stringMatching(line)]);
    expect(faults.join()).not.toMatch(/planted|hunter2/);
  });

  test('all of them are reported at once', () => {
    const faults = faultsOf({ NODE_ENV: 'production', PORT: 'planted', STRIPE_WEBHOOK_SECRET: 'planted,planted' });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'PORT',
      'STRIPE_WEBHOOK_SECRET',
      'STRIPE_WEBHOOK_SECRET',
      'DATABASE_URL',
      'STRIPE_SECRET_KEY',
      'SMTP_URL',
    ]);
    expect(faults.join()).not.toContain('planted');
  });
});

test('.env.example names every variable, and sets none', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const names = [...text.matchAll(/^#([A-Z_]+)=/gm)].map((match) => match[1]);
  expect(names).toHaveLength(variableNames.length);
  expect(new Set(names)).toEqual(new Set(variableNames));
  expect(text).not.toMatch(/^[^#\n]/m);
});
