import { z } from 'zod';
import { nearest, parseYaml, readConfigFile } from '../../config/yaml-file.js';
import { presentmentCurrencies } from './currencies.js';

const FILE = 'catalog.yaml';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,59}$/, { error: 'a name of lower-case letters, digits and _ (at most 60)' });
const fallback = z.enum(['allow', 'deny']);
const described = { description: z.string().optional(), fallback };

const Feature = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('boolean'), ...described }),
  z.strictObject({ type: z.literal('limit'), ...described }),
  z.strictObject({ type: z.literal('static'), values: z.array(z.string()).min(1), ...described }),
]);

const Price = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  currency: z.string(),
  amount: z
    .int({ error: 'an integer in minor units' })
    .min(0, { error: '0 or more' })
    .max(99_999_999, { error: 'at most 99999999, as Stripe does' }),
});

const Plan = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  group: name,
  trial_days: z.int({ error: 'a whole number of days from 1 to 730' }).min(1).max(730).optional(),
  archived: z.boolean().optional(),
  prices: z.array(Price).min(1),
  features: z.record(
    z.string(),
    z.union([z.boolean(), z.number(), z.string()], { error: 'true, false, a whole number or a text' }),
  ),
});

/** What `config/catalog.yaml` holds. */
export const CatalogFile = z
  .strictObject({ features: z.record(name, Feature), plans: z.record(name, Plan) })
  .superRefine(({ features, plans }, context) => {
    const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [id, plan] of Object.entries(plans)) {
      checkPrices(plan.prices, (path, message) => fault(['plans', id, 'prices', ...path], message));
      for (const [feature, value] of Object.entries(plan.features)) {
        const message = faultOfValue(features, feature, value);
        if (message) fault(['plans', id, 'features', feature], message);
      }
    }
  });

export type CatalogFile = z.infer<typeof CatalogFile>;
export type Feature = z.infer<typeof Feature>;
export type CatalogPrice = z.infer<typeof Price>;
export type Interval = CatalogPrice['interval'];
/** boolean: yes or no. limit: an integer or `unlimited`. static: one of the feature's `values`. */
export type FeatureValue = boolean | number | string;

function checkPrices(prices: CatalogPrice[], fault: (path: PropertyKey[], message: string) => void): void {
  const seen = new Set<string>();
  prices.forEach(({ interval, currency }, index) => {
    if (!presentmentCurrencies.has(currency)) {
      const near = nearest(currency.toLowerCase(), presentmentCurrencies);
      const hint = near ? ` (did you mean ${near}?)` : '';
      fault([index, 'currency'], `expected a currency that Stripe charges in, in lower case, got "${currency}"${hint}`);
    }
    if (seen.has(`${interval} ${currency}`))
      fault([index], `expected one price per interval and currency, got ${interval} in ${currency} again`);
    seen.add(`${interval} ${currency}`);
  });
}

function faultOfValue(features: Record<string, Feature>, id: string, value: FeatureValue): string | null {
  const feature = features[id];
  if (feature === undefined) {
    const near = nearest(id, Object.keys(features));
    return `there is no such feature; expected ${near ? `'${near}'? The features are` : 'one of'} ${Object.keys(features).join(', ')}`;
  }
  const expected = expectedOf(feature, value);
  return expected && `expected ${expected}, got ${JSON.stringify(value)}`;
}

function expectedOf(feature: Feature, value: FeatureValue): string | null {
  if (feature.type === 'boolean') return typeof value === 'boolean' ? null : 'true or false';
  if (feature.type === 'static') {
    return typeof value === 'string' && feature.values.includes(value) ? null : `one of ${feature.values.join(', ')}`;
  }
  const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0;
  return isCount || value === 'unlimited' ? null : 'a whole number or unlimited';
}

/** @throws ConfigFileError */
export function readCatalogFile(): CatalogFile {
  return readConfigFile(FILE, CatalogFile);
}

/** @throws ConfigFileError */
export function parseCatalog(text: string): CatalogFile {
  return parseYaml(`config/${FILE}`, text, CatalogFile);
}
