import { z } from 'zod';
import { failpoints } from '../src/failpoints/failpoint.js';
import type { Failpoint } from '../src/failpoints/failpoint.js';
import { NOT_SET } from './env-rules.js';

export function oneOf<const T extends string>(values: readonly T[], fallback: T) {
  return z.enum(values, { error: `is none of ${values.join(', ')}. Leave it out for ${fallback}.` }).default(fallback);
}

export function port(fallback: number) {
  return wholeNumber(0, 65_535, fallback, `Set e.g. ${fallback}, or 0 for any free port.`);
}

export function wholeNumber(least: number, most: number, fallback: number, remedy: string) {
  return z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN))
    .refine((value) => value >= least && value <= most, {
      error: `is no whole number from ${least} to ${most}. ${remedy}`,
    })
    .default(fallback);
}

export function url(protocols: string[], example: string) {
  const isOne = (text: string) => URL.canParse(text) && protocols.includes(new URL(text).protocol);
  return z.string().refine(isOne, { error: `is no URL beginning with ${protocols[0]}//. Set e.g. ${example}` });
}

type Context = z.core.$RefinementCtx;

export function checkSecretKey(key: string, context: Context): void {
  const fault = (message: string) => context.addIssue({ code: 'custom', message });
  const whereItIs = 'Use the secret key (sk_test_…) of https://dashboard.stripe.com/test/apikeys';
  if (key.startsWith('pk_')) {
    fault(`is a publishable key (pk_…), which is for browsers and may not do what is done here. ${whereItIs}`);
  } else if (key.startsWith('whsec_')) {
    fault(`is a webhook secret (whsec_…), which belongs into STRIPE_WEBHOOK_SECRET. ${whereItIs}`);
  } else if (!/^(sk|rk)_(test|live)_\w+$/.test(key)) {
    fault(`is no secret key of Stripe (sk_test_…, rk_test_…, sk_live_…, rk_live_…). ${whereItIs}`);
  }
}

/** Several, separated by commas, while one is being rotated. */
export function webhookSecrets() {
  return z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .superRefine(checkWebhookSecrets);
}

function checkWebhookSecrets(secrets: string[], context: Context): void {
  const fault = (message: string) => context.addIssue({ code: 'custom', message });
  secrets.forEach((secret, index) => {
    const item = `item ${index + 1} of ${secrets.length}`;
    if (secret === '') {
      fault(`${item} is empty. Separate the secrets by single commas.`);
    } else if (NOT_SET.has(secret)) {
      fault(
        `${item} is the word ${secret}: what it was to be filled from is not set. Set the secret itself (whsec_…).`,
      );
    } else if (!/^whsec_\S+$/.test(secret)) {
      fault(`${item} does not begin with whsec_. Use the endpoint's signing secret, or what \`stripe listen\` prints.`);
    }
  });
}

/** A name of the catalogue, with a colon and which passing of it is meant; the first if left out. */
export function failpoint() {
  return z
    .string()
    .regex(/^[a-z.]+(:[1-9]\d*)?$/, FAILPOINT_FAULT)
    .transform((text) => {
      const [name = '', passing = '1'] = text.split(':');
      return { name, passing: Number(passing) };
    })
    .refine((arming): arming is { name: Failpoint; passing: number } => arming.name in failpoints, FAILPOINT_FAULT);
}

const FAILPOINT_FAULT =
  'is no moment of src/failpoints/failpoint.ts. Leave it out: the process would be killed at that moment, for tests.';
